#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# array: an experiment by a job array of a real Slurm of one node: are the results those of local workers, byte for byte, also after
# a task was cancelled?
#
# Meaning.  munged, slurmctld and slurmd are started from a folder of the test's own, on ports of their own, and ended with it.
# Limits.   Needs root, slurmctld, slurmd, slurm-client and munge. Without systemd or control groups of its own.
set -uo pipefail

: "${ALMANAC:?the program}"
skip() {
    echo "SKIP: $1"
    exit 77
}
for program in munged slurmctld slurmd sbatch scancel; do
    command -v "$program" >/dev/null 2>&1 || skip "no $program"
done
[ "$(id -u)" -eq 0 ] || skip "not root: no slurmd"
work=$(mktemp -d)
daemons=()
leave() {
    local one
    for one in "${daemons[@]}"; do kill "$one" 2>/dev/null; done
    [ -s "$work/munged.pid" ] && kill "$(cat "$work/munged.pid")" 2>/dev/null
    for one in "${daemons[@]}"; do wait "$one" 2>/dev/null; done
    rm -rf "$work"
}
trap leave EXIT
trap 'exit 130' INT TERM
chmod 755 "$work"
cd "$work" || exit 1
status=0

wrong() {
    echo "FAILED: $1"
    status=1
}
cells() { (cd "$1/cells" && find . -type f | LC_ALL=C sort | xargs -r sha256sum); }

# -- the cluster
mkdir -m 755 munge state spool
(umask 077 && head -c 1024 /dev/urandom >munge/key)
munged --force --key-file="$work/munge/key" --socket="$work/munge/socket" --pid-file="$work/munged.pid" \
    --log-file="$work/munge/log" --seed-file="$work/munge/seed" 2>err || skip "munged does not start: $(head -n 1 err)"
host=$(hostname -s)
port=$((20000 + $$ % 10000))
export SLURM_CONF=$work/slurm.conf
cat >"$SLURM_CONF" <<CONF
ClusterName=almanac
SlurmctldHost=$host(127.0.0.1)
AuthType=auth/munge
AuthInfo=socket=$work/munge/socket
SlurmUser=root
SlurmctldPort=$port
SlurmdPort=$((port + 1))
StateSaveLocation=$work/state
SlurmdSpoolDir=$work/spool
SlurmctldPidFile=$work/slurmctld.pid
SlurmdPidFile=$work/slurmd.pid
SlurmctldLogFile=$work/slurmctld.log
SlurmdLogFile=$work/slurmd.log
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
SelectType=select/cons_tres
SelectTypeParameters=CR_Core
MpiDefault=none
ReturnToService=2
KillWait=2
NodeName=$host NodeAddr=127.0.0.1 CPUs=2 State=UNKNOWN
PartitionName=all Nodes=ALL Default=YES MaxTime=INFINITE State=UP
CONF
slurmctld -D -f "$SLURM_CONF" >/dev/null 2>&1 &
daemons+=($!)
slurmd -D -f "$SLURM_CONF" >/dev/null 2>&1 &
daemons+=($!)
ready=0
for _ in $(seq 100); do
    sinfo -h -o %T 2>/dev/null | grep -q idle && ready=1 && break
    sleep 0.2
done
[ "$ready" -eq 1 ] || skip "no node comes up: $(tail -n 1 slurmd.log slurmctld.log 2>/dev/null | tr '\n' ' ')"

# -- the experiment
"$ALMANAC" generate usage:units=20,duration=14d --seed 1 -q -o t.h5 || exit 1
cat >e.yaml <<'YAML'
traces: [t.h5]
policies:
  - {name: fixed, allocator: "static:cpu=2,memory=4Gi"}
  - {name: percentile, predictor: moving-percentile, allocator: envelope}
seeds: {first: 1, count: 10}
YAML
"$ALMANAC" sweep plan e.yaml -o plan -q || exit 1
for dir in local even cut; do cp -r plan "$dir"; done
"$ALMANAC" sweep run local -q >/dev/null || wrong "the local run: status $?"
"$ALMANAC" sweep merge local -o local.h5 -q >/dev/null || exit 1

# array NUMBERS DIR [OPTION...]: to its end; what the tasks print in DIR.ID.
array() {
    sbatch --wait --array="$1" -n 1 -o "$work/$2.%a" "${@:3}" --wrap "'$ALMANAC' sweep run '$work/$2' -q" >out 2>err
}

array 4-10:2 even || wrong "an array: status $?: $(cat err even.* 2>/dev/null | head -n 5)"
for task in 4 6 8 10; do
    grep -qs '^5 cells: 5 done now' "even.$task" || wrong "task $task prints: $(cat "even.$task" 2>&1)"
done
diff <(cells local) <(cells even) || wrong "other cells than the local run's"
"$ALMANAC" sweep merge even -o even.h5 -q >/dev/null || wrong "merge: status $?"
cmp local.h5 even.h5 || wrong "other results than the local run's"

array 0,3 cut && wrong "an array with holes is taken"
grep -qs 'has holes' cut.3 || wrong "an array with holes is not told: $(cat cut.3 2>&1)"
rm -rf cut/cells
array 0-1 cut &
pid=$!
for _ in $(seq 200); do
    [ "$(find cut/cells -name '*.json' 2>/dev/null | wc -l)" -ge 1 ] && break
    sleep 0.05
done
scancel --signal=KILL --full -u root
wait "$pid" # its status knows no signals
[ "$(find cut/cells -name '*.json' 2>/dev/null | wc -l)" -lt 20 ] || wrong "all was done before the tasks were killed"
array 0-1 cut || wrong "a second array: status $?: $(cat err cut.0 cut.1 2>/dev/null | head -n 5)"
sleep 2
"$ALMANAC" sweep run cut -q >/dev/null || wrong "cut: status $?" # removes what the killed left
diff <(cells local) <(cells cut) || wrong "other cells after tasks were killed"
exit "$status"
