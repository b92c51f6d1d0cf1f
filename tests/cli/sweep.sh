#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# sweep: one small experiment, run in every way: are the results the same bytes, is nothing done twice, and what becomes of cells that
# fail, workers that crash or are killed, and signals?
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

cells() {
    (cd "$1/cells" 2>/dev/null && find . -type f | LC_ALL=C sort | xargs -r sha256sum)
}

# Name, time and inode: a file that was written again differs.
untouched() {
    (cd "$1/cells" && find . -type f -printf '%p %i %T@\n' | LC_ALL=C sort)
}

# same DIR: its cells and its results are those of the first run.
same() {
    diff <(cells first) <(cells "$1") >differ || wrong "$1: other cells than the first run's: $(head -n 3 differ)"
    sweep 0 merge "$1" -o "$1.h5"
    cmp first.h5 "$1.h5" || wrong "$1: other results than the first run's"
}

"$ALMANAC" generate usage:units=3,duration=1d --seed 1 -q -o a.h5 || exit 1
"$ALMANAC" generate usage:units=2,duration=1d --seed 2 -q -o b.h5 || exit 1
cat >e.yaml <<'YAML'
traces: [a.h5, b.h5]
policies:
  - {name: fixed, allocator: "static:cpu=2,memory=4Gi"}
  - {name: vpa, predictor: vpa, allocator: envelope}
  - {name: percentile, predictor: moving-percentile, allocator: envelope}
seeds: [1, 2, 3]
baseline: fixed
YAML

# -- one worker, two, shards in any order, a task of a Slurm array, and after losing some cells
for dir in first two shards slurm lost; do sweep 0 plan e.yaml -o "$dir" -q; done
sweep 3 merge first -o first.h5
said '18 of 18 cells are missing'
[ ! -e first.h5 ] || wrong "a merge of nothing wrote a file"
sweep 0 run first -j 1
printed '18 cells: 18 done now, 0 were there, 0 failed, 0 missing'
[ "$(cells first | wc -l)" -eq 18 ] || wrong "$(cells first | wc -l) files of cells, not 18"
sweep 0 status first
printed '18 cells: 18 done, 0 failed, 0 missing'
sweep 0 merge first -o first.h5
printed '18 cells, 0 failed, 0 missing'
sweep 0 run two -j 2
same two
for shard in 2/3 0/3 1/3; do sweep 0 run shards --shard "$shard" -j 1; done
printed '6 cells: 6 done now'
same shards
export SLURM_ARRAY_TASK_MIN=4 SLURM_ARRAY_TASK_STEP=3 SLURM_ARRAY_TASK_COUNT=2
for task in 7 4; do
    SLURM_ARRAY_TASK_ID=$task sweep 0 run slurm
    printed '9 cells: 9 done now'
done
same slurm
SLURM_ARRAY_TASK_ID=8 sweep 2 run slurm
said 'has holes'
SLURM_ARRAY_TASK_ID=x sweep 2 run slurm
said 'SLURM_ARRAY_TASK_ID is'
said ': a whole number is expected'
unset SLURM_ARRAY_TASK_MIN SLURM_ARRAY_TASK_STEP SLURM_ARRAY_TASK_COUNT
SLURM_ARRAY_TASK_ID=1 sweep 2 run slurm
said 'give --shard I/N'
for bad in 3/3 -1/3 1 1/0 a/b; do
    sweep 2 run slurm "--shard=$bad"
    said 'write I/N'
done

cp -r first/cells lost/
find lost/cells -name '*.json' | LC_ALL=C sort | awk 'NR % 4 == 0' | xargs rm
torn=$(find lost/cells -name '*.json' | LC_ALL=C sort | head -n 1)
head -c 300 "$torn" >half && cp half "$torn"
: >"$torn.AbCdEf.tmp"
touch -d '1 hour ago' "$torn.AbCdEf.tmp"
sweep 3 status lost
printed '18 cells: 13 done, 0 failed, 5 missing'
sweep 3 merge lost -o lost.h5 --partial
printed '13 cells, 0 failed, 5 missing'
sweep 0 run lost -j 2 --format json
printed '"wanted":18,"skipped":13,"done":5,"failed":0,"missing":0,"lost":0,'
same lost
untouched first >before
sweep 0 run first -j 2
printed '18 cells: 0 done now, 18 were there'
untouched first | diff before - >/dev/null || wrong "a run with nothing to do wrote a cell"

# -- a seed and a policy more: what was done stays, and the order of the merge is that of the plan
sed -i 's/seeds: .*/seeds: [3, 1, 4, 2]/; s/^seeds/  - {name: tight, allocator: "static:cpu=0.1,memory=1Gi"}\n&/' e.yaml
sweep 0 plan e.yaml -o first -q
sweep 0 run first -j 2
printed '32 cells: 14 done now, 18 were there'
untouched first | LC_ALL=C comm -12 before - | diff before - >/dev/null || wrong "what was there was written again"
sweep 0 merge first -o grown.h5
sweep 0 plan e.yaml -o fresh -q
sweep 0 run fresh -j 2
sweep 0 merge fresh -o fresh.h5
cmp grown.h5 fresh.h5 || wrong "an experiment that grew differs from one planned whole"

# -- a cell that fails as it is run: told, written down, and the others go on
cat >fails.yaml <<'YAML'
traces: [a.h5, b.h5]
policies:
  - {name: fixed, allocator: "static:cpu=2,memory=4Gi"}
  - {name: vpa, predictor: vpa, allocator: envelope}
factors: {vpa.workload: [usage, invocations]}
YAML
sweep 0 plan fails.yaml -o fails -q
sweep 3 run fails -j 2
printed '6 cells: 4 done now, 0 were there, 2 failed, 0 missing'
said '2 cells failed'
sweep 3 status fails
printed '6 cells: 4 done, 2 failed, 0 missing'
[ "$(grep -c 'no invocations' out)" -eq 2 ] || wrong "status does not say why they failed: $(cat out)"
grep -q 'almanac simulate ' out || wrong "status has no command that runs a failed cell"
untouched fails >before
sweep 3 run fails
printed '6 cells: 0 done now, 4 were there, 2 failed, 0 missing'
untouched fails | diff before - >/dev/null || wrong "a failed cell was run again without --retry-failed"
sweep 3 run fails --retry-failed -j 1
[ "$(untouched fails | LC_ALL=C comm -12 before - | wc -l)" -eq 4 ] || wrong "--retry-failed: not two cells were run again"
sweep 3 merge fails -o fails.h5
printed '6 cells, 2 failed, 0 missing'

# -- a plan of another version
cp -r two other
sed -i -E 's/("version": ")[^"]*"/\10.0.1 abc"/' other/plan.json
sweep 4 run other
said 'plan again'
sweep 2 run two -j 0
sweep 4 run nowhere

# -- workers and signals, on cells of a second and more
"$ALMANAC" generate usage:units=40,duration=60d --seed 3 -q -o long.h5 || exit 1
cat >long.yaml <<'YAML'
traces: [long.h5]
policies: [{name: p, predictor: moving-percentile, allocator: envelope}]
seeds: [1, 2, 3]
YAML

# start DIR WORD...: in the background, until all workers are there.
start() {
    local dir=$1
    shift
    rm -rf "$dir"
    sweep 0 plan long.yaml -o "$dir" -q
    "$ALMANAC" sweep run "$dir" "$@" >out 2>err &
    pid=$!
    for _ in $(seq 200); do
        [ -n "$(workers)" ] && break
        sleep 0.05
    done
    [ -n "$(workers)" ] || wrong "$dir: no worker"
    sleep 0.3
}
workers() { cat "/proc/$pid/task/$pid/children" 2>/dev/null; }
# ended WANTED: the run in the background has ended so.
ended() {
    wait "$pid"
    local got=$?
    pid=
    [ "$got" -eq "$1" ] || wrong "status $got, not $1: $(head -n 5 err)"
}
# gone PID...: but for the dead whom nobody has looked after.
gone() {
    local one left
    for _ in $(seq 100); do
        left=0
        for one in "$@"; do
            grep -qs '^State:[[:space:]]*[^ZX]' "/proc/$one/status" && left=1
        done
        [ "$left" -eq 0 ] && return 0
        sleep 0.1
    done
    return 1
}

sweep 0 plan long.yaml -o calm -q
sweep 0 run calm -j 2
sweep 0 merge calm -o calm.h5
sweep 0 run calm

start crash -j 1
kill -SEGV "$(workers | cut -d ' ' -f 1)"
ended 3
printed '3 cells: 2 done now, 0 were there, 1 failed, 0 missing'
sweep 3 status crash
grep -qE 'the program (failed: |ended with status )' out || wrong "a crash is not told: $(cat out)"
sweep 0 run crash --retry-failed
diff <(cells calm) <(cells crash) || wrong "cells differ after a crash"

start killed -j 1
kill -KILL "$(workers | cut -d ' ' -f 1)"
ended 0
printed '3 cells: 3 done now, 0 were there, 0 failed, 0 missing'
diff <(cells calm) <(cells killed) || wrong "cells differ after a worker was killed"

start asked -j 1 --quiet
kill -USR1 "$pid"
ended 0
grep -q '^almanac: running cells: .* of 3 cells' err || wrong "SIGUSR1: $(cat err)"

for signal in INT TERM; do
    start "stop$signal" -j 2
    read -ra those <<<"$(workers)"
    kill "-$signal" "$pid"
    ended 130
    said 'interrupted'
    printed '3 cells: '
    gone "${those[@]}" || wrong "SIG$signal left a worker"
    find "stop$signal" -name '*.tmp' | grep -q . && wrong "SIG$signal left a temporary file"
    sweep 0 run "stop$signal"
    diff <(cells calm) <(cells "stop$signal") || wrong "cells differ after SIG$signal"
done

start orphans -j 2
read -ra those <<<"$(workers)"
kill -KILL "$pid"
wait "$pid" 2>/dev/null
pid=
gone "${those[@]}" || wrong "workers outlive their launcher"
sweep 0 run orphans
diff <(cells calm) <(cells orphans) || wrong "cells differ after the launcher was killed"
exit "$status"
