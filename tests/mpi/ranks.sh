#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# ranks: an experiment by four MPI ranks on one host: are the results those of local workers, byte for byte, and what becomes of it when
# a rank is killed, a cell fails, or the job is stopped?
#
# Limits.  ALMANAC is a build with -DALMANAC_MPI=ON. Open MPI's words for root and for more ranks than cores.
set -uo pipefail

: "${ALMANAC:?the program}"
command -v mpirun >/dev/null 2>&1 || { echo "SKIP: no mpirun" && exit 77; }
work=$(mktemp -d)
pid=
trap '[ -n "$pid" ] && kill -KILL "$pid" 2>/dev/null; rm -rf "$work"' EXIT
cd "$work" || exit 1
export OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1
status=0

wrong() {
    echo "FAILED: $1"
    status=1
}
cells() { (cd "$1/cells" && find . -type f | LC_ALL=C sort | xargs -r sha256sum); }
ranks() { timeout -k 5 120 mpirun -n 4 --oversubscribe "$ALMANAC" sweep run "$work/$1" --mpi "${@:2}"; }
# Ranks and workers of the run over DIR.
processes() { grep -lsz "^${work}[/]$1\$" /proc/[0-9]*/cmdline | cut -d / -f 3; }
cells_of() { find "$1/cells" -name '*.json' 2>/dev/null | wc -l; }

# same DIR: its cells and its results are those of the local run.
same() {
    diff <(cells local) <(cells "$1") >differ || wrong "$1: other cells than the local run's: $(head -n 3 differ)"
    "$ALMANAC" sweep merge "$1" -o "$1.h5" -q >/dev/null || wrong "$1: merge: status $?"
    cmp local.h5 "$1.h5" || wrong "$1: other results than the local run's"
}

"$ALMANAC" generate usage:units=20,duration=14d --seed 1 -q -o a.h5 || exit 1
"$ALMANAC" generate usage:units=5,duration=2d --seed 2 -q -o b.h5 || exit 1
cat >e.yaml <<'YAML'
traces: [a.h5, b.h5]
policies:
  - {name: fixed, allocator: "static:cpu=2,memory=4Gi"}
  - {name: percentile, predictor: moving-percentile, allocator: envelope}
seeds: {first: 1, count: 6}
YAML
"$ALMANAC" sweep plan e.yaml -o plan -q || exit 1
for dir in local four killed zero stopped; do cp -r plan "$dir"; done
"$ALMANAC" sweep run local -j 2 -q >/dev/null || wrong "the local run: status $?"
"$ALMANAC" sweep merge local -o local.h5 -q >/dev/null || exit 1

ranks four >out 2>err || wrong "four ranks: status $?: $(head -n 5 err)"
grep -qF '24 cells: 24 done now, 0 were there, 0 failed, 0 missing' out || wrong "four ranks print: $(cat out)"
[ "$(wc -l <out)" -eq 1 ] || wrong "more than rank 0 prints: $(cat out)"
same four
ranks four >out 2>err || wrong "with nothing to do: status $?"
grep -qF '24 cells: 0 done now, 24 were there' out || wrong "with nothing to do: $(cat out)"
"$ALMANAC" sweep run four --mpi >out 2>err || wrong "without mpirun: status $?: $(cat err)"
"$ALMANAC" sweep run four --mpi -j 2 >out 2>err && wrong "--mpi with -j is taken"

# rank_of DIR N: its process. A worker has the rank's environment too, and a rank for a parent.
rank_of() {
    local one
    for one in $(processes "$1"); do
        grep -qsz "^OMPI_COMM_WORLD_RANK=$2\$" "/proc/$one/environ" || continue
        grep -qs '^Name:[[:space:]]*almanac' "/proc/$(sed -n 's/^PPid:[[:space:]]*//p' "/proc/$one/status")/status" && continue
        echo "$one"
    done
}

# begin DIR: in the background, until some cells are done.
begin() {
    mpirun -n 4 --oversubscribe "$ALMANAC" sweep run "$work/$1" --mpi -q >out 2>err &
    pid=$!
    for _ in $(seq 400); do
        [ "$(cells_of "$1")" -ge 2 ] && return
        sleep 0.02
    done
    wrong "$1: no cells after 8 s"
}

# gone DIR: the job and all its workers.
gone() {
    local got
    for _ in $(seq 300); do
        [ -z "$(processes "$1")" ] && break
        sleep 0.1
    done
    [ -z "$(processes "$1")" ] || wrong "$1: the job or workers of it still run after 30 s"
    wait "$pid"
    got=$?
    pid=
    [ "$got" -ne 0 ] || wrong "$1: the job was over before it was killed, or does not tell"
}

for rank in 2 0; do
    dir=killed
    [ "$rank" -eq 0 ] && dir=zero
    begin "$dir"
    victim=$(rank_of "$dir" "$rank")
    if [ -n "$victim" ]; then
        kill -KILL "$victim"
    else
        wrong "rank $rank is not found"
    fi
    gone "$dir"
    [ "$(cells_of "$dir")" -lt 24 ] || wrong "$dir: all was done before rank $rank was killed"
    ranks "$dir" >out 2>err || wrong "resumed after rank $rank was killed: status $?: $(head -n 5 err)"
    sleep 2
    "$ALMANAC" sweep run "$dir" -q >/dev/null || wrong "$dir: status $?" # removes what the killed left
    same "$dir"
done

begin stopped
kill -INT "$pid"
gone stopped
ranks stopped >out 2>err || wrong "resumed after SIGINT: status $?: $(head -n 5 err)"
same stopped

cat >fails.yaml <<'YAML'
traces: [b.h5]
policies: [{name: p}]
factors: {workload: [usage, invocations]}
YAML
"$ALMANAC" sweep plan fails.yaml -o fails -q || exit 1
ranks fails >out 2>err
got=$?
[ "$got" -eq 3 ] || wrong "a cell that fails: status $got, not 3: $(head -n 5 err)"
grep -qF '2 cells: 1 done now, 0 were there, 1 failed, 0 missing' out || wrong "a cell that fails: $(cat out)"
ranks nowhere >out 2>err && wrong "a plan that is not there is run"
grep -q 'nowhere/plan.json' err || wrong "a plan that is not there: $(head -n 3 err)"
exit "$status"
