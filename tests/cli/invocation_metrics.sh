#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# invocation_metrics: a queue whose answers are known, from generator to figure, by the program alone: the JSON's keys and
# laws between them, the table, CSV, the rows of the run file, what is recorded when, and equal bytes.
set -uo pipefail

: "${ALMANAC:?the program}" "${SOURCE:?the root of the sources}"
export ALMANAC_PLOTS=$SOURCE/plots
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work" || exit 1
failed=0
wrong()
{
    echo "FAILED: $1"
    failed=1
}
# run ARGUMENTS...: the program succeeds; what it prints is in out.txt.
run()
{
    "$ALMANAC" "$@" >out.txt 2>err.txt || wrong "$*: status $?: $(head -n 2 err.txt)"
}
# refused STATUS WORD ARGUMENTS...
refused()
{
    status=$1
    word=$2
    shift 2
    "$ALMANAC" "$@" >out.txt 2>err.txt
    got=$?
    [ "$got" -eq "$status" ] || wrong "$*: ends with $got, not $status"
    grep -q "$word" err.txt || wrong "$*: does not say '$word' but: $(cat err.txt)"
}
# figure KEY: of the JSON.
figure()
{
    awk -F '\t' -v key="metrics.$1" '$1 == key { print $2 }' paths.txt
}
# near KEY WANT PART: the figure differs from WANT by at most PART of it.
near()
{
    awk -v got="$(figure "$1")" -v want="$2" -v part="$3" 'BEGIN {
        d = got - want
        exit !(got != "" && (d < 0 ? -d : d) <= part * want) }' || wrong "$1 is $(figure "$1"), not about $2"
}

# M/M/2 with two classes of half the load each, 0.7 in all. Erlang C: waiting has a chance of 0.5765, so 0.9608 s on average;
# of the class that is served first 0.5765 / (2 - 0.7) = 0.4434 s, of the other that over 0.3 (Cobham, 1954).
spec=queue:customers=40000,servers=2,arrival.rate=1.4,service.law=exponential,service.mean=1,classes=0.5/0.5
run generate -q "$spec" -o q.h5
run simulate -q -t q.h5 --format json -o a.h5
awk -f "$SOURCE/scripts/json-paths.awk" out.txt >paths.txt
for key in count mean_response_s mean_wait_s mean_in_system mean_busy utilisation refused_share timeout_share failed_share \
    cold_start_share p50_s p95_s p99_s mean_slowdown p95_slowdown p99_slowdown throughput_per_s in_flight retries; do
    [ -n "$(figure "invocations.$key")" ] || wrong "the JSON has no invocations.$key"
    [ -n "$(figure "invocations.halfwidth.$key")" ] || wrong "the JSON has no invocations.halfwidth.$key"
    [ -n "$(figure "invocations.classes.1.$key")" ] || wrong "the JSON has no invocations.classes.1.$key"
done
for key in machines machines_used_peak units_placed_mean density cpu_utilisation_mean cpu_utilisation_p95 contended_share \
    memory_some_share io_some_share; do
    [ -n "$(figure "machines.$key")" ] || wrong "the JSON has no machines.$key"
done
near invocations.mean_wait_s 0.9608 0.12
near invocations.mean_response_s 1.9608 0.06
near invocations.utilisation 0.7 0.03
near invocations.mean_in_system 2.7451 0.08
# Little's law, but for those who were there at the end; CPU time against server time.
near invocations.mean_in_system "$(awk -v x="$(figure invocations.throughput_per_s)" -v w="$(figure invocations.mean_response_s)" \
    'BEGIN { print x * w }')" 0.002
near machines.cpu_utilisation_mean "$(figure invocations.utilisation)" 0.002
[ "$(figure invocations.batches)" = 32 ] || wrong "batches: $(figure invocations.batches)"
[ "$(($(figure invocations.count) + $(figure invocations.in_flight)))" -eq 40000 ] || wrong "invocations are lost"
near invocations.classes.1.mean_wait_s 0.4434 0.12
near invocations.classes.0.mean_wait_s 1.4781 0.15

# The table and CSV say the same.
run simulate -q -t q.h5
grep -Eq '^response, mean +[0-9.]+ s \[[0-9.]+, [0-9.]+\] +' out.txt || wrong "the table has no response: $(cat out.txt)"
grep -Eq 'class [0-9]+ +class [0-9]+' out.txt || wrong "the table has no classes"
grep -q '^intervals: 95 %, 32 batch means' out.txt || wrong "the table does not say what its intervals are"
grep -q '^machines, at most in use' out.txt || wrong "the table has no machines"
run simulate -q -t q.h5 --format csv
for key in count mean_response_s p99_s; do
    row=$(grep "^invocations,$key," out.txt)
    near "invocations.$key" "${row##*,}" 0.000001
done

# What is stored: every execution, in order of its end, and figures that follow from them.
run dump a.h5 executions
[ "$(wc -l <out.txt)" -eq 40001 ] || wrong "$(wc -l <out.txt) lines of executions"
near invocations.mean_response_s "$(awk -F, 'NR == 1 { for (i = 1; i <= NF; i++) c[$i] = i; next }
    $c["end"] == "done" { n++; s += $c["finish_s"] - $c["arrival_s"] } END { print s / n }' out.txt)" 0.00001
awk -F, 'NR == 1 { for (i = 1; i <= NF; i++) c[$i] = i; next }
    $c["finish_s"] + 0 < last { exit 1 } { last = $c["finish_s"] + 0 }' out.txt || wrong "executions are not in order of their end"
run dump a.h5 machines
[ "$(head -n 2 out.txt | cut -d, -f 1-2)" = $'name,cores\nqueue-1,2' ] || wrong "machines: $(cat out.txt)"
run dump a.h5 machine_samples --columns time_s,machine,units -f json
grep -q '"machine": *"queue-1"' out.txt || wrong "samples do not name their machine"
run dump a.h5 metrics --columns unit,invocation_count,invocation_mean_response_s
near invocations.mean_response_s "$(tail -n 1 out.txt | cut -d, -f 3)" 0.000001
run info a.h5
grep -q '/executions/arrival' out.txt || wrong "info does not mention executions"

# Equal bytes; thinned on demand.
run simulate -q -t q.h5 -o b.h5 --threads 2
cmp a.h5 b.h5 || wrong "the same run wrote other bytes"
run simulate -q -t q.h5 -o none.h5 --set record.executions=none --set record.machines=none
refused 2 'has no table "executions"' dump none.h5 executions

# A warm-up leaves out those who came in it.
run simulate -q -t q.h5 --set control.warmup=1h --format csv
awk -F, '$1 == "invocations" && $2 == "count" { exit !($3 > 34000 && $3 < 36000) }' out.txt || wrong "the warm-up: $(head -n 3 out.txt)"

# Figures.
if command -v gnuplot >/dev/null; then
    run plot a.h5 -o density.svg
    grep -q 'density of 1 machines' err.txt || wrong "the usual figure: $(cat err.txt)"
    run plot a.h5 --page slowdown -o slowdown.svg
    run plot a.h5 b.h5 --page slowdown -o several.svg
    for name in density slowdown several; do
        [ -s "$name.svg" ] || wrong "no figure $name.svg"
    done
else
    echo "SKIP: gnuplot is not installed"
fi
refused 2 'did you mean "density"' plot a.h5 --page densty -o x.svg
exit "$failed"
