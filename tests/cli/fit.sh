#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# fit: is what `generate --fit` writes a specification that generates, the same each time, with a report whose numbers are
# sane, for made and for real traces? Does it leave nothing behind, and say what is wrong?
work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT
cd "$work" || exit 1
failures=0
fail()
{
    echo "FAILED: $1"
    [ -f err ] && cat err
    failures=$((failures + 1))
}
fit()
{
    "$ALMANAC" generate --fit "$@" >out 2>err
}

# distance WHAT PROPERTY: of the report in out
distance()
{
    awk -v what="$1" -v property="$2" '
        /^[^ ]/ { name = substr($0, 1, 20); sub(/ +$/, "", name) }
        { p = substr($0, 22, 24); sub(/ +$/, "", p) }
        name == what && p == property { print $(NF - 1); exit }' out
}

# within LOW WHAT PROPERTY HIGH
within()
{
    distance "$2" "$3" | awk -v low="$1" -v high="$4" '$1 != "-" && $1 >= low && $1 <= high { good = 1 } END { exit !good }' ||
        fail "$2, $3: '$(distance "$2" "$3")' is not within $1 and $4"
}

# Made by a specification: fleets of the same law, so all is near.
"$ALMANAC" generate usage:units=8,duration=14d,cpu.spread=20%,memory.spread=20%,memory.noise.ar=0.9,seed=2 -q -o web.h5 ||
    fail 'the trace to fit'
fit web.h5 -o web.yaml || fail 'a fit of a made trace'
for resource in cpu memory; do
    within 0.95 $resource mean 1.05
    within 0 $resource distribution 0.4
    within 0 $resource 'distribution / unit mean' 0.05
    within 0.85 $resource 'variation within units' 1.15
    within -0.05 $resource 'autocorrelation, 1 row' 0.05
    within -0.1 $resource 'autocorrelation, 1 day' 0.1
    within 0 $resource 'course of the day' 0.05
done
within -0.05 'cpu memory' correlation 0.05
"$ALMANAC" generate web.yaml -o again.h5 -q || fail 'the specification does not generate'
[ "$("$ALMANAC" dump again.h5 usage | wc -l)" -eq "$("$ALMANAC" dump web.h5 usage | wc -l)" ] || fail 'another number of rows'
cp web.yaml first.yaml
cp out first
fit web.h5 -o web.yaml || fail 'the same again'
cmp -s web.yaml first.yaml && cmp -s out first || fail 'the same trace gives another specification or report'
fit web.h5 -o web.yaml --format json && grep -q '"schema": "almanac.generate-fit/1"' out && grep -q '"property": "mean"' out ||
    fail 'the report as JSON'
grep -qi 'nan' out && fail 'JSON with NaN'
fit web.h5 -o web.yaml -q || fail 'quietly'
[ -s out ] && fail 'quiet is not quiet'
fit web.h5 -o web.yaml --seed 7 && grep -q 'seed 7' out || fail 'another seed'
find . -name '*.yaml.*' | grep -q . && fail 'something is left behind'

"$ALMANAC" generate invocations:codes=5,duration=2d,zipf=1,arrival.rate=0.1 -o load.h5 -q || fail 'invocations to fit'
fit load.h5 -o load.yaml || fail 'a fit of invocations'
within 0.9 arrivals rate 1.1
within -0.1 codes 'zipf exponent' 0.1
within 0.9 work mean 1.1
within 0 work distribution 0.05
"$ALMANAC" generate load.yaml -o again.h5 -q || fail 'the specification of invocations does not generate'

if gnuplot --version >/dev/null 2>&1; then
    for trace in web load; do
        fit $trace.h5 -o $trace.yaml --plot $trace.svg && grep -q '</svg>' $trace.svg || fail "the figure of $trace"
    done
else
    echo 'SKIP: gnuplot is not installed, so no figure is drawn'
fi

fit web.h5 usage -o x.yaml
[ $? -eq 2 ] || fail 'a SPEC beside --fit'
fit web.h5 -o x.yaml --as queue
[ $? -eq 2 ] && grep -q 'only `usage` and `invocations`' err || fail '--as queue'
fit web.h5 -o x.yaml --as invocations
[ $? -eq 4 ] && grep -q 'fewer than two invocations' err || fail 'invocations of a trace without'
fit missing.h5 -o x.yaml
[ $? -eq 4 ] || fail 'a missing trace is not status 4'
fit web.h5 -o /nonexistent/x.yaml
[ $? -eq 2 ] || fail 'a place that is not there'
"$ALMANAC" generate usage -o x.h5 --plot x.svg >out 2>err && fail '--plot without --fit'
[ ! -e x.yaml ] && [ ! -e x.h5 ] || fail 'a failure leaves a file behind'

# Real ones, within the bounds that were asked for where they are met, else sense from nonsense.
shared=${ALM_SHARED:-$SOURCE/../shared}
if [ -d "$shared/traces/bitbrains/rnd/2013-7" ]; then
    "$ALMANAC" import bitbrains "$shared/traces/bitbrains/rnd/2013-7" -o real.h5 >/dev/null 2>err || fail 'import of bitbrains'
    fit real.h5 -o real.yaml || fail 'a fit of bitbrains'
    for resource in cpu memory; do
        within 0.8 $resource mean 1.2
        within 0.5 $resource p95 1.5
        within -0.05 $resource 'share of zeros' 0.05
    done
    within -0.15 cpu 'autocorrelation, 1 day' 0.15
    within -0.1 cpu 'autocorrelation, 1 row' 0.1
    within 0 cpu 'distribution / unit mean' 0.25
    for resource in memory io_read io_write net_rx net_tx; do
        within 0.6 $resource mean 1.6
        within 0 $resource distribution 0.4
        within -0.05 $resource 'share of zeros' 0.05
        within 0.3 $resource 'variation within units' 3
        within -0.25 $resource 'autocorrelation, 1 row' 0.25
        within -0.25 $resource 'autocorrelation, 1 day' 0.25
    done
else
    echo "SKIP: no bitbrains in $shared"
fi
if [ -f "$shared/traces/azure-llm-2023/AzureLLMInferenceTrace_code.csv" ]; then
    "$ALMANAC" import azure-llm "$shared/traces/azure-llm-2023/AzureLLMInferenceTrace_code.csv" -o real.h5 >/dev/null 2>err ||
        fail 'import of azure-llm'
    fit real.h5 -o real.yaml && grep -q 'process: mmpp' real.yaml || fail 'clusters of azure-llm'
    within 0.8 arrivals rate 1.25
    within 0.5 arrivals 'dispersion, 10 s' 2
    within 0.5 arrivals 'dispersion, 1 minute' 2
    within 0.5 arrivals 'gap, cv' 2
else
    echo "SKIP: no azure-llm-2023 in $shared"
fi
if [ -d "$shared/traces/planetlab/20110303" ]; then
    "$ALMANAC" import planetlab "$shared/traces/planetlab/20110303" -o real.h5 >/dev/null 2>err || fail 'import of planetlab'
    fit real.h5 -o real.yaml || fail 'a fit of planetlab'
    within 0.95 cpu mean 1.05
    within 0.8 cpu p95 1.25
    within -0.05 cpu 'share of zeros' 0.05
    within 0 cpu distribution 0.25
    within 0.7 cpu 'variation within units' 1.3
    within 0 cpu 'course of the day' 0.05
    grep -q '^memory: {base: 0}' real.yaml || fail 'memory that is not there'
else
    echo "SKIP: no planetlab in $shared"
fi
[ "$failures" -eq 0 ]
