#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# tune: searches and seeds on demand as a user meets them: what is told before, between and after; the same files however often it
# was killed, by shards and by ranks; and a plan that is made again finds everything done.
set -uo pipefail

: "${ALMANAC:?the program}"
work=$(mktemp -d)
pid=
trap '[ -n "$pid" ] && kill -KILL "$pid" 2>/dev/null; rm -rf "$work"' EXIT
cd "$work" || exit 1
status=0
unset SLURM_ARRAY_TASK_ID SLURM_ARRAY_TASK_MIN SLURM_ARRAY_TASK_STEP SLURM_ARRAY_TASK_COUNT

wrong() {
    echo "FAILED: $1"
    status=1
}

# sweep WANTED WORD...: the exit status is WANTED; out and err.
sweep() {
    local want=$1 got
    shift
    "$ALMANAC" sweep "$@" >out 2>err
    got=$?
    [ "$got" -eq "$want" ] || wrong "sweep $*: status $got, not $want: $(head -n 3 err) $(head -n 3 out)"
}

# printed TEXT, said TEXT: by the last sweep.
printed() {
    grep -qF -- "$1" out || wrong "not printed: \"$1\"; but: $(head -n 5 out)"
}
said() {
    grep -qF -- "$1" err || wrong "not said: \"$1\"; but: $(head -n 5 err)"
}

# same DIR: its files are those of the first run.
same() {
    diff -r -x '*.tmp' first "$1" >differ || wrong "$1: other files than the first run's: $(head -n 3 differ)"
}

"$ALMANAC" generate usage:units=3,duration=1d --seed 1 -q -o a.h5 || exit 1
"$ALMANAC" generate usage:units=2,duration=1d --seed 2 -q -o b.h5 || exit 1
cat >e.yaml <<'YAML'
traces: [a.h5, b.h5]
policies:
  - {name: fixed, allocator: "static:cpu=2,memory=4Gi"}
  - {name: vpa, predictor: vpa, allocator: envelope}
  - {name: peak, predictor: moving-max, allocator: envelope}
factors: {control.interval: [5m, 10m]}
seeds: [1, 2]
split: {warmup: 1h, train: 10h, test: 10h}
tune:
  - policy: vpa
    parameters: {allocator.margin: {min: 1%, max: 1, log: true}, predictor.bound: [target, upper]}
    objective: {cpu.slack_relative: 1, cpu.overrun_time_share: 10}
    method: halving
    budget: 5
  - policy: peak
    parameters: {predictor.window: {min: 30m, max: 8h, log: true}}
    objective: {cpu.slack_relative: 1, cpu.overrun_time_share: 10}
    method: nelder-mead
    budget: 9
YAML

# -- before: 2 traces x 2 intervals x 2 parts x 2 seeds of the policy that is not tuned
sweep 0 plan e.yaml -o first
printed 'vpa: has cells when `sweep run` has chosen its values'
[ "$(wc -l <first/cells.ndjson)" -eq 16 ] || wrong "$(wc -l <first/cells.ndjson) cells before"
grep -q '"policy":"vpa"' first/cells.ndjson && wrong "a tuned policy has cells before its values are chosen"
sweep 3 status first
printed 'vpa: not chosen yet (halving)'
printed 'peak: not chosen yet (nelder-mead)'
sweep 3 merge first -o none.h5
said 'policy vpa has no values yet'
[ ! -e none.h5 ] || wrong "results without the policies that are tuned"

# -- after: 8 more for each of two policies, of the test alone, with the values of the best
sweep 0 run first -j 2 -q
sweep 0 status first
printed '32 cells: 32 done'
for policy in vpa peak; do
    [ "$(grep -c "\"part\":\"test\",\"policy\":\"$policy\"" first/cells.ndjson)" -eq 8 ] || wrong "cells of $policy"
    grep -q "\"part\":\"train\",\"policy\":\"$policy\"" first/cells.ndjson && wrong "$policy has cells of the training"
done
margin=$(grep -A 3 '^ "chosen"' first/tune/vpa.json | sed -n 's/.*"allocator.margin": "\(.*\)".*/\1/p')
[ -n "$margin" ] || wrong "no margin is chosen: $(head -n 40 first/tune/vpa.json)"
printed "allocator.margin=$margin"
sweep 0 merge first -o first.h5
sweep 0 status first --format json
printed '"policy": "vpa"'
printed "\"allocator.margin\": \"$margin\""

# -- again: nothing is done twice, also when it is planned again
sweep 0 run first -q
printed ' 0 done now'
cp -r first before
sweep 0 plan e.yaml -o first -q
sweep 0 run first -q
printed ' 0 done now'
diff -r before first >differ || wrong "planned and run again: $(head -n 3 differ)"

# -- killed at many moments, and by shards
sweep 0 plan e.yaml -o killed -q
for ((k = 1; k <= 12; k++)); do
    "$ALMANAC" sweep run killed -j 2 -q >out 2>err &
    pid=$!
    sleep "0.$((k % 4 + 1))"
    kill -KILL "$pid" 2>/dev/null
    wait "$pid" 2>/dev/null
done
pid=
sweep 0 run killed -j 2 -q
same killed
sweep 0 plan e.yaml -o shards -q
for ((k = 0; k < 60; k++)); do
    "$ALMANAC" sweep run shards --shard "$((k % 2))/2" -j 1 -q >out 2>err
    got=$?
    [ "$got" -eq 0 ] || [ "$got" -eq 3 ] || wrong "shards: status $got: $(cat err)"
    "$ALMANAC" sweep status shards >out && break
done
same shards

# -- seeds on demand: a metric that does not vary has enough; status says what it came to
printf '%s\n' 'traces: [a.h5]' 'policies: [{name: fixed, allocator: "static:cpu=2,memory=4Gi"}]' 'seeds: [4]' \
    'until: {metric: cpu.slack_relative, halfwidth: 2%, most: 9}' >u.yaml
sweep 0 plan u.yaml -o until -q
sweep 0 run until -q
sweep 0 status until
printed '2 cells: 2 done'
printed 'cpu.slack_relative within 2 %: 0 % with 2 seeds'

# -- a search without the two parts has its place told
grep -v '^split' e.yaml >bad.yaml
sweep 2 plan bad.yaml -o bad
said 'bad.yaml:8:1: tune: tuning needs a part to tune on and one to score'

# -- ranks: a round a launch
"$ALMANAC" sweep run first --mpi -q >out 2>err
if command -v mpirun >/dev/null 2>&1 && ! grep -q 'this build has no MPI' err; then
    sweep 0 plan e.yaml -o ranks -q
    for ((k = 0; k < 60; k++)); do
        OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1 mpirun --oversubscribe -n 3 \
            "$ALMANAC" sweep run ranks --mpi -q >out 2>err
        "$ALMANAC" sweep status ranks >out && break
    done
    same ranks
else
    echo "SKIP: no mpirun, or a build without MPI: searches by ranks"
fi
exit "$status"
