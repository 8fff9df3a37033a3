# SPDX-License-Identifier: LGPL-2.1-or-later

EXTRA_DIST += tools/apt-sources.sh tools/class-library tools/common.sh tools/fetch-source tools/mono.sh tools/packages \
	tools/runtime tools/scratch-prefix tools/wine-test-header tools/wine-root
