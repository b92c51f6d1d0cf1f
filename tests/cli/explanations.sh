#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# explanations: does a run file hold what its predictor learnt, unit by unit, whatever the threads, and only if it can tell?
set -uo pipefail

: "${ALMANAC:?the program}"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work" || exit 1
status=0

wrong() {
    echo "FAILED: $1"
    status=1
}

dump() { "$ALMANAC" dump "$1" explanations "${@:2}"; }

# Three units of CPU and memory, 12 hours.
{
    echo time,unit,cpu,memory
    for ((t = 0; t < 144; t++)); do
        for u in 0 1 2; do echo "$((t * 300)),web-$u,$((1 + (t * (u + 3) * 7 + t * t) % 5)),$((1000000 * (2 + t % (u + 2))))"; done
    done
} >web.csv
"$ALMANAC" import csv:cores=8,memory_capacity=8Gi web.csv -o web.h5 >/dev/null || wrong 'import'
run() { "$ALMANAC" simulate -t web.h5 --predictor "$1" --allocator envelope:margin=0 --set control.interval=5m "${@:3}" -o "$2" >/dev/null || wrong "$1"; }

run arima arima.h5
run arima apart.h5 --set threads=3 --set control.batch=1
dump arima.h5 >arima.csv || wrong 'dump'
[ "$(cut -d, -f1,2 arima.csv)" = "$(printf '%s\n' unit,resource web-{0,1,2},{cpu,memory})" ] || wrong "rows: $(cat arima.csv)"
[ "$(grep -c '"ARIMA(1,1,1): ar1 .*; of log(value + .*last fit .* values; widened by .* past errors"$' arima.csv)" = 6 ] ||
    wrong "no order: $(cat arima.csv)"
dump apart.h5 | cmp -s arima.csv - || wrong 'threads and batches change what is said'
dump arima.h5 --unit web-1 --columns resource,text | tail -n +2 | cut -d, -f1 | tr '\n' ' ' | grep -qx 'cpu memory ' || wrong '--unit'
dump arima.h5 -f json | grep -q '"unit":"web-2","resource":"memory","text":"ARIMA' || wrong "JSON: $(dump arima.h5 -f json | head -n 3)"

# A calibrator changes envelopes, not what the predictor learnt.
"$ALMANAC" simulate -t web.h5 --predictor arima --calibrator aci --allocator envelope:margin=0 --set platform.open_loop=true -o aci.h5 >/dev/null
"$ALMANAC" simulate -t web.h5 --predictor arima --allocator envelope:margin=0 --set platform.open_loop=true -o bare.h5 >/dev/null
dump aci.h5 >aci.csv
dump bare.h5 | cmp -s aci.csv - || wrong 'a calibrator changes what is said'

# Who cannot tell has no table, and its file is as it always was.
run ewma ewma.h5
dump ewma.h5 >none 2>said && wrong 'explanations of ewma'
grep -q 'no table "explanations"' said || wrong "not said: $(cat said)"

run 'ensemble:experts=ewma+theta' ensemble.h5
[ "$(dump ensemble.h5 | grep -c 'max: ewma [0-9.]* %, theta [0-9.]* %; min: ewma .* %; theta: ')" = 6 ] || wrong "ensemble: $(dump ensemble.h5)"
exit "$status"
