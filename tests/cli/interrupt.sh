#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# interrupt: Ctrl-C in the middle of simulate, generate and import: status 130, one line, no output, nothing temporary.
set -uo pipefail

: "${ALMANAC:?the program}"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work" || exit 1
mkdir out.d tmp.d
export TMPDIR=$work/tmp.d
status=0

wrong() {
    echo "FAILED: $1"
    status=1
}

# interrupt SIGNAL COMMAND...: sent at later and later moments until it ends the command in the middle. Whenever it
# comes, there is either the whole output or none. Status 0: too late.
# --foreground: one signal, as from a terminal; else `timeout` signals the process and then its group.
interrupt() {
    local signal=$1 got met=0 delay
    shift
    for delay in 0.02 0.05 0.1 0.2 0.4 0.8 1.6; do
        find out.d -type f -delete
        timeout --foreground --preserve-status -s "$signal" "$delay" "$@" >out 2>err
        got=$?
        if [ "$got" -eq 130 ] && [ ! -s err ]; then # killed before it could listen
            [ -z "$(ls -A out.d)" ] || wrong "$* left $(ls -A out.d)"
        elif [ "$got" -eq 130 ]; then
            met=$((met + 1))
            [ -z "$(ls -A out.d)" ] || wrong "$* after $delay s left $(ls -A out.d)"
            [ "$(grep -vc 'done after' err)" -eq 1 ] && grep -q '^almanac: .*interrupted' err ||
                wrong "$* after $delay s says: $(head -n 4 err)"
            [ ! -s out ] || wrong "$* after $delay s printed: $(head -n 2 out)"
        elif [ "$got" -eq 0 ]; then
            "$ALMANAC" info out.d/out.h5 >/dev/null || wrong "$* in $delay s: an output that is not whole"
            break
        elif [ "$got" -lt 128 ]; then
            wrong "$* after $delay s: status $got: $(head -n 3 err)"
        fi
        [ -z "$(ls -A tmp.d)" ] || wrong "$* after $delay s left in TMPDIR: $(ls -A tmp.d)"
    done
    [ "$met" -gt 0 ] || wrong "$*: no signal arrived in the middle; is there too little to do?"
}

big=usage:units=100,duration=60d
"$ALMANAC" generate "$big" -o big.h5 --quiet || exit 1
awk 'BEGIN { print "time,unit,cpu"; for (k = 0; k < 2000000; k++) printf "%d,u,0.5\n", k }' >long.csv
simulate=("$ALMANAC" simulate -t big.h5 --predictor moving-percentile:window=24h --allocator envelope -o out.d/out.h5)
interrupt INT "${simulate[@]}"
interrupt INT "${simulate[@]}" --threads 3 --set control.batch=7
interrupt TERM "${simulate[@]}"
interrupt INT "$ALMANAC" generate usage:units=400,duration=60d -o out.d/out.h5
interrupt INT "$ALMANAC" import csv long.csv -o out.d/out.h5

# An old output outlives an interrupted run.
interrupted=0
for delay in 0.1 0.2 0.4; do
    echo old >out.d/out.h5
    timeout --foreground --preserve-status -s INT "$delay" "${simulate[@]}" >out 2>err
    [ $? -eq 130 ] || continue
    interrupted=1
    [ "$(cat out.d/out.h5)" = old ] || wrong "an interrupted run touched the old file"
done
[ "$interrupted" -eq 1 ] || wrong "no signal arrived while there was an old file"

# A long dump to a reader that waits.
"$ALMANAC" dump big.h5 usage >/dev/null 2>err &
pid=$!
sleep 0.3
kill -INT "$pid" 2>/dev/null
wait "$pid"
got=$?
[ "$got" -eq 130 ] || [ "$got" -eq 0 ] || wrong "dump: status $got: $(head -n 3 err)"
exit "$status"
