# SPDX-License-Identifier: LGPL-2.1-or-later

EXTRA_DIST += tools/apt-sources.sh tools/common.sh tools/fetch-source tools/packages tools/runtime tools/scratch-prefix \
	tools/wine-test-header tools/wine-root
