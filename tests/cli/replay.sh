#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Do replays decide what an independent implementation of the written rules decides, to the millicore and byte?
set -euo pipefail
python=$(command -v /usr/bin/python3 || command -v python3 || true)
[ -n "$python" ] || { echo "SKIP: no python3"; exit 77; }
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
"$ALMANAC" import csv "$SOURCE/traces/samples/web.csv" -o web.h5 >import.txt
"$python" "$SOURCE/tests/reference/replay.py" "$ALMANAC" web.h5
shared=${ALM_SHARED:-$SOURCE/../shared}
if [ -d "$shared/traces/bitbrains/rnd/2013-7" ]; then
    "$ALMANAC" import bitbrains "$shared/traces/bitbrains/rnd/2013-7" -o vms.h5 >import.txt
    "$python" "$SOURCE/tests/reference/replay.py" "$ALMANAC" vms.h5 14 122 218
else
    echo "SKIP: the recorded part: no $shared/traces/bitbrains"
fi
