#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# simulate: what scripts rely on, seen from outside: the spelling of the JSON, a run file that depends on nothing but
# inputs, options and seed, the tables of `dump`, and data on stdout with talk on stderr.
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

# simulate ARGUMENT...: out and err; it must succeed and talk only as `almanac: ...`.
simulate() {
    "$ALMANAC" simulate -t web.h5 "$@" >out 2>err || wrong "simulate $*: status $?: $(head -n 3 err)"
    ! grep -v '^almanac: ' err || wrong "simulate $*: stderr holds more than talk"
}

paths() {
    awk -f "$SOURCE/scripts/json-paths.awk" out >paths
}

# has PATH [PATTERN]: the JSON has this key, with a value that matches.
has() {
    grep -qE "^$1"$'\t'"${2:-.}" paths || wrong "$policy: $1 is \"$(grep -E "^$1"$'\t' paths | cut -f 2)\", not ${2:-there}"
}

number='-?[0-9]+(\.[0-9]+)?(e[-+]?[0-9]+)?$'
"$ALMANAC" import csv "$SOURCE/traces/samples/web.csv" -o web.h5 >/dev/null || exit 1
rows=$(($(wc -l <"$SOURCE/traces/samples/web.csv") - 1))

# -- the five policies of the demo
static=static:cpu=4,memory=8Gi
mapfile -t policies < <(sed -n '/^policies=(/,/^)/s/^ *"\(.*\)"$/\1/p' "$SOURCE/scripts/demo")
[ "${#policies[@]}" -eq 5 ] || wrong "scripts/demo has ${#policies[@]} policies, not 5"
for policy in "${policies[@]}"; do
    policy=${policy//\$static/$static}
    read -ra words <<<"$policy"
    simulate "${words[@]:1}" --format json
    [ "$(head -c 1 out)" = '{' ] && [ "$(tail -c 2 out)" = '}' ] || wrong "$policy: stdout is not one JSON object"
    paths
    has schema 'almanac\.run/1$'
    has trace.sha256 "$(sha256sum web.h5 | cut -d ' ' -f 1)\$"
    has trace.name 'web\.h5$'
    has trace.units '8$'
    has version
    for key in slack_relative slack_day overrun_time_share overrun_core_seconds limit_changes; do
        has "metrics.cpu.$key" "$number"
    done
    has metrics.memory.oom_kills "$number"
    has metrics.memory.oom_free_unit_days_share "$number"
    has metrics.decision_ns.p50 "$number"
    has metrics.decision_ns.p99 "$number"
    case "$policy" in
    static* | reactive*) has metrics.cpu.coverage_upper 'null$' ;; # no envelope, no coverage
    *) has metrics.cpu.coverage_upper "$number" ;;
    esac
    case "$policy" in oracle*) has oracle 'true$' ;; *) has oracle 'false$' ;; esac
    ! grep -iE $'\t''-?(nan|inf)' paths || wrong "$policy: a number that JSON does not have"
done

# -- equal bytes: again, in another second, on three threads; equal tables in batches of three
run=(--predictor vpa --calibrator measured --allocator envelope:margin=5%)
simulate "${run[@]}" -o first.h5
begun=$(date +%s)
while [ "$(date +%s)" = "$begun" ]; do sleep 0.1; done
simulate "${run[@]}" -o again.h5
simulate "${run[@]}" -o threads.h5 --threads 3
simulate "${run[@]}" -o both.h5 --threads 3 --set control.batch=3
simulate "${run[@]}" -o batch.h5 --set control.batch=3
mkdir deeper
(cd deeper && "$ALMANAC" simulate -t ../web.h5 "${run[@]}" -o run.h5 >/dev/null) || wrong "in another folder"
cmp first.h5 again.h5 || wrong "the same run in another second wrote other bytes"
cmp first.h5 threads.h5 || wrong "three threads wrote other bytes"
cmp first.h5 deeper/run.h5 || wrong "the same run from another folder wrote other bytes"
cmp batch.h5 both.h5 || wrong "three threads in batches of 3 wrote other bytes"
for table in decisions metrics samples envelopes units; do
    "$ALMANAC" dump first.h5 "$table" >a || wrong "dump first.h5 $table"
    "$ALMANAC" dump batch.h5 "$table" | LC_ALL=C sort >b || wrong "dump batch.h5 $table"
    [ "$(wc -l <a)" -ge 9 ] || wrong "table $table has only $(wc -l <a) lines"
    LC_ALL=C sort a | cmp - b || wrong "batches of 3 change the table $table"
done
"$ALMANAC" dump batch.h5 decisions | cmp - <("$ALMANAC" dump first.h5 decisions) || wrong "batches change the order of decisions"

# -- another seed is another file that says so
simulate "${run[@]}" --seed 42 -o seed.h5 --format json
paths
policy=seed has config.settings.seed '42$'
cmp -s first.h5 seed.h5 && wrong "the seed is not stored"
simulate --set seed=42 "${run[@]}" -o seed2.h5
cmp seed.h5 seed2.h5 || wrong "--seed and --set seed differ"
"$ALMANAC" info seed.h5 --format json >out && paths && grep -qE 'seed'$'\t''42$' paths || wrong "info does not show the seed"

# -- --set reaches the loop and every kind of module
policy="--set"
simulate --predictor moving-percentile --calibrator measured --allocator envelope --format json \
    --set platform.open_loop=true --set predictor.percentile=97% --set allocator.margin=25% --set control.interval=10m \
    --set control.warmup=1h --set sample.interval=10m --set record.samples=none
paths
has config.platform.options.open_loop 'true$'
has config.predictor.options.percentile '97%$'
has config.allocator.options.margin '25%$'
has config.settings.control.interval '10m$'
has config.settings.control.warmup '1h$'
has config.settings.sample.interval '10m$'
has config.settings.record.samples 'none$'
for kind in profiler calibrator; do
    "$ALMANAC" simulate -t web.h5 --set "$kind.nothing=1" >out 2>err
    [ $? -eq 2 ] || wrong "--set $kind.nothing is not status 2"
    grep -q "$kind" err || wrong "--set $kind.nothing: the module is not named: $(cat err)"
done

# -- the decisions of a run
"$ALMANAC" dump first.h5 decisions >decisions
want=time_s,unit,cpu_limit_millicores,memory_limit_bytes,cpu_applied_millicores,memory_applied_bytes,reason
[ "$(head -n 1 decisions)" = "$want" ] || wrong "the header of decisions is $(head -n 1 decisions)"
units=$(tail -n +2 "$SOURCE/traces/samples/web.csv" | cut -d , -f 2 | sort -u | wc -l)
# One at each stamp but the last, where the unit ends; under a limit that kills nobody there are no others.
simulate --allocator "$static" -o still.h5
"$ALMANAC" dump still.h5 decisions >still
[ "$(($(wc -l <still) - 1))" -eq $((rows - units)) ] || wrong "$(($(wc -l <still) - 1)) decisions, not $((rows - units))"
tail -n +2 still | cut -d , -f 1,2 | sort | uniq -d | grep . && wrong "two rows for one decision time and unit"
awk -F , 'NR > 1 && ($3 == "" || $4 == "" || $7 == "") { bad++ } END { exit bad > 0 }' still ||
    wrong "a decision without a limit or a reason"
"$ALMANAC" dump first.h5 decisions --changes >changes
[ "$(head -n 1 changes)" = "$want" ] || wrong "--changes has another header"
[ "$(wc -l <changes)" -lt "$(wc -l <decisions)" ] || wrong "--changes is not fewer rows"
LC_ALL=C comm -23 <(LC_ALL=C sort changes) <(LC_ALL=C sort decisions) | grep . && wrong "--changes has a row of its own"
awk -F , 'NR > 1 { now = $3 "," $4 "," $5 "," $6
    if ($2 in last && last[$2] == now) bad++
    last[$2] = now } END { exit bad > 0 }' changes || wrong "--changes repeats a decision"
awk -F , 'NR == FNR { if (FNR > 1) n[$2]++; next } FNR > 1 { now = $3 "," $4 "," $5 "," $6
    if (!($2 in last) || last[$2] != now) n[$2]--
    last[$2] = now } END { for (u in n) if (n[u]) exit 1 }' changes decisions || wrong "--changes misses a change"

# -- for people and for tables: stdout is data alone
simulate --predictor vpa --allocator envelope --quiet
[ ! -s err ] || wrong "--quiet talks: $(cat err)"
awk '/^ .* cpu .*memory$/ { width = length; inside = 1 } inside && /^$/ { inside = 0 }
    inside { n++; if (length != width) { print; bad++ } } END { exit bad > 0 || n < 8 }' out ||
    wrong "the table of a run is not aligned"
simulate --predictor vpa --allocator envelope --format csv
[ "$(head -n 1 out)" = resource,metric,value ] || wrong "the header of --format csv is $(head -n 1 out)"
awk -F , 'NF != 3 { exit 1 }' out || wrong "--format csv has rows of other than 3 fields"
simulate --predictor vpa --allocator envelope -o quiet.h5 --format json
[ -z "$(find . -name '.*' -type f)" ] || wrong "left behind: $(find . -name '.*' -type f)"

# -- every command explains itself by an example
for command in $("$ALMANAC" --help | sed -n '/^Commands:/,/^$/s/^  \([a-z][a-z]*\) .*/\1/p'); do
    "$ALMANAC" "$command" --help >out 2>err || wrong "$command --help: status $?"
    grep -qE "^ *almanac $command\b" <(sed 1d out) || wrong "$command --help shows no example"
done
exit "$status"
