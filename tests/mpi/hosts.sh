#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# hosts: an experiment by MPI ranks on three hosts, each a network namespace with an address and a name of its own: do all of them
# work, and are the results those of local workers, byte for byte?
#
# Meaning.  The hosts hang on a bridge in a fourth namespace. Open MPI starts its daemons through an agent in place of ssh, which enters
#           the namespace; ranks talk TCP over the bridge and nothing else. All share the folder, as hosts of a cluster do.
# Limits.   Needs root and the right to make namespaces. ALMANAC is a build with -DALMANAC_MPI=ON.
set -uo pipefail

: "${ALMANAC:?the program}"
skip() {
    echo "SKIP: $1"
    exit 77
}
command -v mpirun >/dev/null 2>&1 || skip "no mpirun"
command -v ip >/dev/null 2>&1 || skip "no ip (iproute2)"
[ "$(id -u)" -eq 0 ] || skip "not root: no network namespaces"
work=$(mktemp -d)
name=alm$$
subnet=10.213.$((RANDOM % 256))
pid=

# What was made goes, whatever happened; ends what runs in the namespaces first.
leave() {
    local space one
    [ -n "$pid" ] && kill -KILL "$pid" 2>/dev/null
    for space in "$name-1" "$name-2" "$name-3" "$name-0"; do
        for one in $(ip netns pids "$space" 2>/dev/null); do kill -KILL "$one" 2>/dev/null; done
        ip netns del "$space" 2>/dev/null
    done
    rm -rf "$work" "/tmp/ompi.$name-"*
}
trap leave EXIT
trap 'exit 130' INT TERM
cd "$work" || exit 1
ip netns add "$name-0" 2>err || skip "no network namespaces here: $(head -n 1 err)"
export OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1
status=0

wrong() {
    echo "FAILED: $1"
    status=1
}
cells() { (cd "$1/cells" && find . -type f | LC_ALL=C sort | xargs -r sha256sum); }

# host N: a namespace with address SUBNET.N.
host() {
    ip netns add "$name-$1" &&
        ip -n "$name-0" link add "port$1" type veth peer name eth0 netns "$name-$1" &&
        ip -n "$name-0" link set "port$1" master hub up &&
        ip -n "$name-$1" addr add "$subnet.$1/24" dev eth0 &&
        ip -n "$name-$1" link set eth0 up &&
        ip -n "$name-$1" link set lo up
}
{ ip -n "$name-0" link add hub type bridge && ip -n "$name-0" link set hub up; } 2>err || skip "no bridge: $(head -n 1 err)"
for n in 1 2 3; do host "$n" 2>err || skip "no host $n: $(head -n 1 err)"; done
# What tells a host from the others: its namespace and its name.
cat >enter <<SH
#!/bin/sh
# enter ADDRESS WORD...: as ssh does, the words are a line for the shell there.
n=\${1##*.}
shift
exec ip netns exec "$name-\$n" unshare --uts sh -c "hostname $name-\$n && cd '$work' && \$*"
SH
chmod +x enter

"$ALMANAC" generate usage:units=20,duration=14d --seed 1 -q -o a.h5 || exit 1
cat >e.yaml <<'YAML'
traces: [a.h5]
policies:
  - {name: fixed, allocator: "static:cpu=2,memory=4Gi"}
  - {name: percentile, predictor: moving-percentile, allocator: envelope}
seeds: {first: 1, count: 20}
YAML
"$ALMANAC" sweep plan e.yaml -o plan -q || exit 1
cp -r plan local
"$ALMANAC" sweep run local -j 2 -q >/dev/null || wrong "the local run: status $?"
"$ALMANAC" sweep merge local -o local.h5 -q >/dev/null || exit 1

# on_hosts DIR: two ranks on the first host, where the job is started, and one on each other.
on_hosts() {
    ./enter "$subnet.1" "exec timeout -k 5 120 mpirun -n 4 --host $subnet.1:2,$subnet.2:1,$subnet.3:1 \
        --mca plm_rsh_agent '$work/enter' --mca plm rsh --mca btl tcp,self --mca pml ob1 \
        --mca oob_tcp_if_include $subnet.0/24 --mca btl_tcp_if_include $subnet.0/24 \
        '$ALMANAC' sweep run '$work/$1' --mpi -q"
}

cp -r plan hosts
on_hosts hosts >out 2>err &
pid=$!
declare -A ranks=()
while kill -0 "$pid" 2>/dev/null; do
    for n in 1 2 3; do
        for one in $(ip netns pids "$name-$n" 2>/dev/null); do
            grep -qs '^almanac$' "/proc/$one/comm" && ranks[$n]=1
        done
    done
    sleep 0.02
done
wait "$pid" || wrong "four ranks on three hosts: status $?: $(head -n 8 err)"
pid=
grep -qF '40 cells: 40 done now, 0 were there, 0 failed, 0 missing' out || wrong "it prints: $(cat out)"
[ "${#ranks[@]}" -eq 3 ] || wrong "ranks were seen on ${#ranks[@]} hosts (${!ranks[*]}), not on three"
diff <(cells local) <(cells hosts) || wrong "other cells than the local run's"
"$ALMANAC" sweep merge hosts -o hosts.h5 -q >/dev/null || wrong "merge: status $?"
cmp local.h5 hosts.h5 || wrong "other results than the local run's"
for n in 1 2 3; do
    bytes=$(ip -n "$name-$n" -s link show eth0 | awk '/RX:/ { getline; print $1 }')
    [ "$bytes" -gt 3000 ] || wrong "host $n has heard $bytes bytes only"
done

# A host that goes away in the middle: the job ends, the next one completes it.
cp -r plan cut
on_hosts cut >out 2>err &
pid=$!
for _ in $(seq 400); do
    [ "$(find cut/cells -name '*.json' 2>/dev/null | wc -l)" -ge 2 ] && break
    sleep 0.02
done
for one in $(ip netns pids "$name-3"); do kill -KILL "$one" 2>/dev/null; done
wait "$pid" && wrong "a host was killed, and the job does not tell"
pid=
[ "$(find cut/cells -name '*.json' | wc -l)" -lt 40 ] || wrong "all was done before the host was killed"
on_hosts cut >out 2>err || wrong "resumed: status $?: $(head -n 8 err)"
sleep 2
"$ALMANAC" sweep run cut -q >/dev/null || wrong "cut: status $?" # removes what the killed left
diff <(cells local) <(cells cut) || wrong "other cells after a host was killed"
exit "$status"
