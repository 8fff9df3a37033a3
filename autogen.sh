#!/bin/sh
# Makes configure from configure.ac. SPDX-License-Identifier: LGPL-2.1-or-later
set -eu
cd "$(dirname "$0")"
exec autoreconf --install --force
