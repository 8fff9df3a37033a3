#!/usr/bin/env bash
# Hosts in the styles of the field, under `clrmem run` and on stock Wine. SPDX-License-Identifier: LGPL-2.1-or-later
set -u
# shellcheck source=tests/tap.sh
. "$CLRMEM_SOURCE/tests/tap.sh"
# shellcheck source=tests/prefix.sh
. "$CLRMEM_SOURCE/tests/prefix.sh"
# shellcheck source=tests/hosts/hosts.sh
. "$CLRMEM_SOURCE/tests/hosts/hosts.sh"

runtime=$("$CLRMEM_SOURCE/tools/runtime") || { echo 'Bail out! no .NET runtime'; exit 1; }
test_prefix hosts "$runtime"
export WINEDEBUG=-all
out=$CLRMEM_TEST_DIR/hosts.log
dir=$CLRMEM_BUILD/x86_64-windows/tests/hosts

tap_run 'clrmem install' "$out" "$CLRMEM_COMMAND" install "$WINEPREFIX"
check_hosts hosts "$dir" timeout 120 "$CLRMEM_COMMAND" run

# What stops the same programs on stock Wine. $1: the host, $2: what its output has to show.
check_stock()
{
    run_host "$out" timeout 20 wine "$dir/$1.exe"
    tap_matches "stock Wine: $1" "$out" "$2"
}
# Later Wines have a Start, which succeeds however often it is called.
case $(timeout 60 wine --version </dev/null) in
    wine-8.*) sample_v2='Start: 0x80004001' twice='second Start: 0x80004001' ;;
    *) sample_v2='Stop: 0x80004001' twice='second Start: 0x00000000' ;;
esac
check_stock sample_v4 '^IsLoadable: 0x80004001$'
check_stock sample_v2 "^$sample_v2\$"
check_stock late_free '^mscoree is gone$'
check_stock twice "^$twice\$"
check_stock execute_in_domain '^ExecuteInAppDomain: 0x80004001$'
check_stock appdomain_manager '^GetCLRControl: 0x80004001$'
check_stock many_domains '^GetConfiguration: 0x80004001$'
# _AppDomain::Load_3 reaches another Load.
check_stock load_bytes '^Unhandled Exception:$'
# A collection waits for a thread that sleeps in the host, without end.
check_stock late_worker '^status 124$'
tap_end
