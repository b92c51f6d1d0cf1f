#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# simulate_window: `simulate --units --from --until` says what was left of the trace, refuses what cannot be, and does what a trace
# that holds only that part does.
set -uo pipefail

: "${ALMANAC:?the program}" "${SOURCE:?the root of the sources}"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work" || exit 1
status=0

wrong() {
    echo "FAILED: $1"
    status=1
}

# A row every minute of an hour, of three units; the trace begins a minute before the first.
awk 'BEGIN { print "time,unit,cpu,memory"
    for (k = 1; k <= 60; k++) for (u = 0; u < 3; u++)
        printf "%d,%s,%.6f,%d\n", 60 * k, substr("web-0web-1db-00", 5 * u + 1, 5), ((k * 7919 + u * 104729) % 1000) / 500, 1e6 * (1 + (k * 31 + u) % 17) }' >all.csv
awk -F, 'NR == 1 || ($2 ~ /^web-/ && $1 - 60 >= 600 && $1 <= 2400)' all.csv >part.csv
"$ALMANAC" import csv all.csv -o all.h5 >/dev/null && "$ALMANAC" import csv part.csv -o part.h5 >/dev/null || exit 1

policy=(--predictor vpa --allocator envelope:margin=10% --set control.warmup=5m)
"$ALMANAC" simulate -t all.h5 "${policy[@]}" --units 'web-*' --from 600 --until 40m --format csv >view.csv || wrong "a window fails"
"$ALMANAC" simulate -t part.h5 "${policy[@]}" --format csv >plain.csv || wrong "the part fails"
cmp -s view.csv plain.csv || wrong "a window differs from a trace of its rows: $(diff view.csv plain.csv | head -n 5)"
"$ALMANAC" simulate -t all.h5 "${policy[@]}" --format csv >whole.csv
! cmp -s view.csv whole.csv || wrong "a window makes no difference"

# -- what was left is told: in the JSON and in the run file
"$ALMANAC" simulate -t all.h5 --units 'db-*' --from 30m -o run.h5 --format json >out 2>err || wrong "status $?: $(cat err)"
awk -f "$SOURCE/scripts/json-paths.awk" out >paths
for pair in 'trace.units 1' 'trace.window.units db-\*' 'trace.window.from_s 1800(\.0)?'; do
    grep -qE "^${pair% *}"$'\t'"${pair#* }\$" paths || wrong "no $pair in the JSON: $(grep '^trace' paths)"
done
! grep -q 'window\.until' paths || wrong "an edge is told that was not given"
[ "$("$ALMANAC" dump run.h5 units --columns name | tail -n +2)" = db-00 ] || wrong "the run file has other units"
"$ALMANAC" simulate -t all.h5 --format json >out 2>err
awk -f "$SOURCE/scripts/json-paths.awk" out >paths
! grep -q '^trace\.window' paths || wrong "the whole trace has a window"

# -- what cannot be
refused() {
    local text=$1
    shift
    "$ALMANAC" simulate -t all.h5 "$@" -o no.h5 >out 2>err
    local got=$?
    [ "$got" -eq 2 ] || wrong "$*: status $got, 2 is right"
    grep -qF -- "$text" err || wrong "$*: nothing says \"$text\": $(head -n 1 err)"
    if [ -s out ] || [ -e no.h5 ]; then wrong "$*: something was written"; fi
}
refused 'nosuch-*' --units 'nosuch-*'
refused 'later than --from' --from 2h --until 1h
refused 'window of time' --from 2h
refused 'not negative' --from=-5
refused '--until' --until soon
refused 'before the trace' --until 0
exit "$status"
