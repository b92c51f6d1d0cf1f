#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# sweep_plan: what people and launchers rely on: the files of a plan, the table, all mistakes at once with their places, the
# same plan from wherever, and memory that does not grow with cells.
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

# plan ARGUMENT...: out and err; it must succeed and say nothing on stderr.
plan() {
    "$ALMANAC" sweep plan "$@" >out 2>err || wrong "sweep plan $*: status $?: $(head -n 3 err)"
    [ ! -s err ] || wrong "sweep plan $* talks: $(head -n 3 err)"
}

# refused STATUS TEXT ARGUMENT...
refused() {
    local want=$1 text=$2 got
    shift 2
    "$ALMANAC" sweep "$@" >out 2>err
    got=$?
    [ "$got" -eq "$want" ] || wrong "sweep $*: status $got, not $want"
    grep -qF -- "$text" err || wrong "sweep $*: \"$text\" is not in: $(cat err)"
    [ ! -s out ] || wrong "sweep $*: prints on stdout"
}

mkdir -p exp/traces
"$ALMANAC" generate usage:units=2,duration=6h --seed 1 -q -o exp/traces/b.h5 || exit 1
"$ALMANAC" generate usage:units=2,duration=6h --seed 2 -q -o exp/traces/a.h5 || exit 1
cat >exp/e.yaml <<'YAML'
traces: ["traces/*.h5"]
policies:
  - {name: fixed, allocator: "static:cpu=2,memory=4Gi"}
  - {name: vpa, predictor: vpa, allocator: envelope}
factors: {control.interval: [5m, 10m], vpa.predictor.margin: [5%, 10%, 15%]}
seeds: [1, 2, 3]
split: {warmup: 30m, train: 3h, test: 2h}
baseline: fixed
YAML

# -- 2 traces x 2 intervals x (1 fixed + 3 vpa) x 2 parts x 3 seeds = 96
plan exp/e.yaml -o runs
awk '$1 == "cells" && $2 == 96 { found = 1 } END { exit !found }' out || wrong "the table says: $(tail -n 1 out)"
[ "$(wc -l <runs/cells.ndjson)" -eq 96 ] || wrong "$(wc -l <runs/cells.ndjson) lines of cells"
[ "$(sed 's/.*"id":"\([0-9a-f]*\)".*/\1/' runs/cells.ndjson | sort -u | grep -cE '^[0-9a-f]{32}$')" -eq 96 ] ||
    wrong "not 96 ids"
[ "$(find runs -type f | wc -l)" -eq 2 ] || wrong "more than two files: $(ls -A runs)"
awk -f "$SOURCE/scripts/json-paths.awk" runs/plan.json >paths
grep -q '^schema'$'\t''almanac\.plan/1$' paths || wrong "no schema in plan.json"
grep -q "$(sha256sum exp/traces/a.h5 | cut -d ' ' -f 1)" paths || wrong "no digest of a trace in plan.json"
grep -qF "$work" runs/plan.json && wrong "plan.json holds a path of this machine"
head -n 1 runs/cells.ndjson | grep -q '"trace":"a"' || wrong "traces are not sorted by name"

# -- the same bytes again, in another second, from another folder, in another language
cp -r runs first
begun=$(date +%s)
while [ "$(date +%s)" = "$begun" ]; do sleep 0.1; done
plan exp/e.yaml -o runs
cmp runs/plan.json first/plan.json || wrong "planning again wrote another plan"
cmp runs/cells.ndjson first/cells.ndjson || wrong "planning again wrote other cells"
(cd exp && LC_ALL=tr_TR.UTF-8 TZ=Asia/Tokyo "$ALMANAC" sweep plan e.yaml -o ../other -q) || wrong "from the folder of the spec"
cmp runs/cells.ndjson other/cells.ndjson || wrong "cells depend on where they are planned"

# -- what was planned stays when seeds are added
cp runs/cells.ndjson before
sed -i 's/seeds: .*/seeds: {first: 1, count: 4}/' exp/e.yaml
plan exp/e.yaml -o runs --format json
awk -f "$SOURCE/scripts/json-paths.awk" out >paths
grep -q '^cells'$'\t''128$' paths || wrong "--format json: $(grep ^cells paths)"
ids() { sed 's/.*"id":"\([0-9a-f]*\)".*/\1/' "$1" | LC_ALL=C sort; }
[ "$(LC_ALL=C comm -12 <(ids before) <(ids runs/cells.ndjson) | wc -l)" -eq 96 ] || wrong "adding a seed renamed cells"

# -- mistakes: all, with places; nothing is written
cat >bad.yaml <<'YAML'
traces: [none.h5]
policies:
  - {name: fixed, allocatr: static}
  - {name: vpa, predictor: vap}
factors: {control.interval: [5m, soon]}
sed: [1]
YAML
refused 2 'almanac: bad.yaml: 5 problems' plan bad.yaml -o bad
for place in '1:10: traces.0: ' '3:19: policies.0.allocatr: ' '4:17: policies.1.predictor: ' \
    '5:34: factors.control.interval.1: ' '6:1: sed: '; do
    grep -qF "almanac: bad.yaml:$place" err || wrong "bad.yaml:$place is not told: $(cat err)"
done
[ ! -e bad ] || wrong "a plan with mistakes made its folder"
refused 4 'none.yaml: cannot be opened' plan none.yaml -o bad
refused 2 'which experiment?' plan -o bad
refused 2 'where to?' plan exp/e.yaml
refused 2 'did you mean' plna
mkdir taken
echo '{}' >taken/plan.json
refused 2 'taken/plan.json: is there, and is no plan' plan exp/e.yaml -o taken
[ "$(cat taken/plan.json)" = '{}' ] || wrong "a file that is no plan was replaced"

# -- a plan that was not meant to be so large can be stopped, and leaves nothing
printf '%s\n' "traces: [exp/traces/a.h5]" 'policies: [{name: p}]' "seeds: {count: 1000000}" \
    "factors: {allocator.cpu: [$(seq -s , 1 200)]}" >vast.yaml
timeout -s TERM 3 "$ALMANAC" sweep plan vast.yaml -o vast -q >out 2>err
[ $? -eq 124 ] || wrong "200 million cells are planned in 3 s, or are not stopped: $(cat err)"
grep -q 'interrupted; nothing was written' err || wrong "a plan that was stopped says: $(cat err)"
[ -z "$(ls -A vast)" ] || wrong "a plan that was stopped leaves $(ls -A vast)"

# -- 100 000 cells need the memory of 1 000
# peak SEEDS: kB
peak() {
    printf '%s\n' "traces: [exp/traces/a.h5]" 'policies: [{name: p}]' "seeds: {count: $1}" \
        'factors: {allocator.cpu: [1, 2, 3, 4, 5, 6, 7, 8, 9, 10]}' >many.yaml
    "$ALMANAC" sweep plan many.yaml -o many -q || wrong "$1 seeds: status $?"
    [ "$(wc -l <many/cells.ndjson)" -eq "$(($1 * 10))" ] || wrong "$1 seeds: $(wc -l <many/cells.ndjson) cells"
}
if command -v python3 >/dev/null 2>&1; then
    measure='import resource, subprocess, sys
subprocess.run(sys.argv[1:], check=True)
print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)'
    peak 100
    few=$(ASAN_OPTIONS=${ASAN_OPTIONS:-}:quarantine_size_mb=1 python3 -c "$measure" "$ALMANAC" sweep plan many.yaml -o many -q)
    peak 10000
    many=$(ASAN_OPTIONS=${ASAN_OPTIONS:-}:quarantine_size_mb=1 python3 -c "$measure" "$ALMANAC" sweep plan many.yaml -o many -q)
    # 124 bytes a cell, most of which the address sanitizer needs for itself; 80 kB are the seeds
    [ "$many" -le $((few + 12288)) ] || wrong "1000 cells need $few kB, 100000 need $many kB"
else
    echo "SKIP: no python3 to measure memory with"
fi
exit "$status"
