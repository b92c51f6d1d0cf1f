#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# sweep_kill: kill -9 of a worker, of the launcher, of the merge at random moments: is the resumed experiment that of a calm one,
# byte for byte, and is nothing left behind?
#
# Meaning.  20 rounds, 200 with ALM_FULL=1; the moments are drawn from ALM_SEED (1 unless given), uniform over the time of a calm run.
#           A round whose moment came too early or too late is played again.
# Limits.   What was under way at that moment differs from machine to machine. A power cut is not tried.
# shellcheck disable=SC2317 # functions are called by name
set -uo pipefail

: "${ALMANAC:?the program}"
rounds=20
[ "${ALM_FULL:-0}" = 1 ] && rounds=200
RANDOM=${ALM_SEED:-1}
work=$(mktemp -d)
pid=
trap '[ -n "$pid" ] && kill -KILL "$pid" 2>/dev/null; rm -rf "$work"' EXIT
cd "$work" || exit 1
# The leak checker looks at a process from a child of it: killed in place of a worker, its parent would wait for it for ever.
export ASAN_OPTIONS="${ASAN_OPTIONS:+$ASAN_OPTIONS:}detect_leaks=0"
status=0 killed=0
declare -A met=([worker]=0 [launcher]=0 [merge]=0)

wrong() {
    echo "FAILED: round $round ($what): $1"
    status=1
}
now() { echo $((${EPOCHREALTIME/[^0-9]/} / 1000)); }
cells() { (cd "$1/cells" && find . -name '*.json' | LC_ALL=C sort | xargs -r sha256sum); }
children() { cat "/proc/$pid/task/$pid/children" 2>/dev/null; }

# A random moment of MILLISECONDS.
nap() {
    local ms=$((RANDOM * $1 / 32768))
    sleep "$((ms / 1000)).$(printf %03d $((ms % 1000)))"
}

# Wait until none of the processes is left, but for the dead whom nobody has looked after.
gone() {
    local one left
    for _ in $(seq 200); do
        left=0
        for one in "$@"; do
            grep -qs '^State:[[:space:]]*[^ZX]' "/proc/$one/status" && left=1
        done
        [ "$left" -eq 0 ] && return 0
        sleep 0.05
    done
    return 1
}

round=0 what=calm
"$ALMANAC" generate usage:units=10,duration=7d --seed 1 -q -o t.h5 || exit 1
cat >e.yaml <<'YAML'
traces: [t.h5]
policies:
  - {name: fixed, allocator: "static:cpu=2,memory=4Gi"}
  - {name: vpa, predictor: vpa, allocator: envelope}
  - {name: percentile, predictor: moving-percentile, allocator: envelope}
seeds: {first: 1, count: 6}
YAML
"$ALMANAC" sweep plan e.yaml -o plan -q || exit 1
cp -r plan calm
begun=$(now)
"$ALMANAC" sweep run calm -j 2 -q >/dev/null || wrong "sweep run: status $?"
run_ms=$(($(now) - begun))
begun=$(now)
"$ALMANAC" sweep merge calm -o calm.h5 -q >/dev/null || wrong "sweep merge: status $?"
merge_ms=$(($(now) - begun))
cells calm >calm.cells
[ "$(wc -l <calm.cells)" -eq 18 ] || wrong "$(wc -l <calm.cells) cells, not 18"

# Kill what there is to kill, as it runs.
kill_worker() {
    local those
    "$ALMANAC" sweep run runs -j 2 -q >/dev/null 2>err &
    pid=$!
    nap "$run_ms"
    read -ra those <<<"$(children)"
    [ ${#those[@]} -gt 0 ] && kill -KILL "${those[RANDOM % ${#those[@]}]}" 2>/dev/null && killed=1
    wait "$pid" || wrong "a run that lost a worker: status $?: $(cat err)"
}

kill_launcher() {
    local those
    "$ALMANAC" sweep run runs -j 2 -q >/dev/null 2>err &
    pid=$!
    nap "$run_ms"
    read -ra those <<<"$(children)"
    kill -KILL "$pid" 2>/dev/null
    wait "$pid" 2>/dev/null
    [ $? -eq 137 ] && [ ${#those[@]} -gt 0 ] && killed=1
    [ ${#those[@]} -eq 0 ] || gone "${those[@]}" || wrong "workers outlive their launcher"
}

kill_merge() {
    rm -rf runs
    cp -r calm runs
    "$ALMANAC" sweep merge runs -o runs.h5 -q >/dev/null 2>err &
    pid=$!
    nap "$merge_ms"
    kill -KILL "$pid" 2>/dev/null
    wait "$pid" 2>/dev/null
    [ $? -eq 137 ] && killed=1
    [ ! -e runs.h5 ] || cmp calm.h5 runs.h5 || wrong "a merge that was killed left half a file"
}

kinds=(worker launcher merge)
for round in $(seq "$rounds"); do
    what=${kinds[round % 3]}
    killed=0
    for _ in $(seq 20); do
        rm -rf runs runs.h5
        cp -r plan runs
        "kill_$what"
        pid=
        [ "$killed" -eq 0 ] || break
    done
    met[$what]=$((met[$what] + killed))
    # every other time, what is resumed is killed too
    if [ "$what" = launcher ] && [ $((round % 2)) -eq 0 ]; then
        kill_launcher
        pid=
    fi
    "$ALMANAC" sweep run runs -j 2 -q >/dev/null 2>err || wrong "resumed: status $?: $(cat err)"
    cells runs | cmp -s calm.cells - || wrong "other cells than the calm run's"
    "$ALMANAC" sweep merge runs -o runs.h5 -q >/dev/null 2>err || wrong "merge: status $?: $(cat err)"
    cmp calm.h5 runs.h5 || wrong "other results than the calm run's"
    mkdir -p left
    find runs -name '*.tmp' -exec cp {} left/ \;
done

# What killed workers left goes away with the next run, once it is old enough to be nobody's.
what=leftovers
mkdir -p runs/cells/00
for file in left/*; do
    [ -e "$file" ] && cp "$file" runs/cells/00/
done
: >runs/cells/00/0000.json.aaaaaa.tmp
sleep 3
"$ALMANAC" sweep run runs -q >/dev/null || wrong "status $?"
find runs -name '*.tmp' | grep -q . && wrong "temporary files are left: $(find runs -name '*.tmp')"

echo "$rounds rounds; killed in the middle: ${met[worker]} workers, ${met[launcher]} launchers, ${met[merge]} merges"
what=vacuous
[ $((met[worker] + met[launcher] + met[merge])) -ge $((rounds * 9 / 10)) ] || wrong "too few were killed in the middle"
exit "$status"
