#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# queueing: from a specification through a trace file to figures that theory knows: JSON and the table for people.
#
# Meaning. A figure must be within twice its 95 % half-width of the exact value: 4.1 standard errors, with 31 degrees of
#          freedom a false alarm in 3600 for each of 30 figures. Seeds are fixed. Other systems, more figures and tighter
#          intervals are in tests/theory; here the same door is taken as users take.
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

value() {
    grep -E "^metrics\.invocations\.$1"$'\t' paths | cut -f 2
}

# near FIGURE EXACT
near() {
    local got half
    got=$(value "$1")
    half=$(value "halfwidth.$1")
    awk -v got="$got" -v half="$half" -v exact="$2" 'BEGIN {
        ok = got != "" && half > 0 && half < 0.15 * exact && got - exact <= 2 * half && exact - got <= 2 * half
        exit !ok }' || wrong "$system: $1 is $got +- $half, by theory $2"
}

# is FIGURE VALUE
is() {
    [ "$(value "$1")" = "$2" ] || wrong "$system: $1 is $(value "$1"), not $2"
}

# run NAME WARMUP <<<SPECIFICATION
run() {
    system=$1
    cat >"$1.yaml"
    "$ALMANAC" generate "$1.yaml" -o "$1.h5" >/dev/null 2>err || wrong "$1: generate: $(cat err)"
    "$ALMANAC" simulate -q -t "$1.h5" --set control.warmup="$2" --format json >out 2>err ||
        wrong "$1: simulate: $(cat err)"
    awk -f "$SOURCE/scripts/json-paths.awk" out >paths
}

run mm1 5000s <<'END'
generator: queue
customers: 200000
arrival: {rate: 0.7}
service: {law: exponential, mean: 1}
END
near mean_response_s 3.3333333
near mean_wait_s 2.3333333
near mean_in_system 2.3333333
near utilisation 0.7
near p50_s 2.3104906
near p95_s 9.9857742
near p99_s 15.3505673
near throughput_per_s 0.7
is refused_share 0.0
is cold_start_share 0.0

run sharing 5000s <<'END'
generator: queue
customers: 300000
discipline: ps
arrival: {rate: 0.7}
service: {law: hyperexponential, p: 0.9, mean1: 0.5, mean2: 5.5}
END
near mean_response_s 3.3333333
near mean_slowdown 3.3333333
near utilisation 0.7

run mmc 500s <<'END'
generator: queue
customers: 200000
servers: 5
arrival: {rate: 4}
service: {law: exponential, mean: 1}
END
near mean_response_s 1.5541126
near mean_wait_s 0.5541126
near mean_in_system 6.2164502
near utilisation 0.8

run loss 500s <<'END'
generator: queue
customers: 100000
servers: 5
capacity: 5
arrival: {rate: 5}
service: {law: lognormal, mean: 1, cv: 1.5}
END
near refused_share 0.2848678
near mean_in_system 3.5756609
is mean_wait_s 0.0

run patience 500s <<'END'
generator: queue
customers: 200000
servers: 10
arrival: {rate: 12}
service: {law: exponential, mean: 1}
patience: {law: exponential, mean: 1}
END
near timeout_share 0.2136324
near mean_in_system 12
near utilisation 0.9436412

run setup 5000s <<'END'
generator: queue
customers: 200000
arrival: {rate: 0.6}
service: {law: exponential, mean: 1}
setup: {law: exponential, mean: 5}
END
near mean_response_s 7.5
near mean_wait_s 6.5
near mean_in_system 4.5
near cold_start_share 0.1
near utilisation 0.6

run classes 5000s <<'END'
generator: queue
customers: 300000
arrival: {rate: 0.7}
classes: [0.3, 0.4]
preemptive: true
service: {law: exponential, mean: 1}
END
sed -n 's/^metrics\.invocations\.classes\.1\./metrics.invocations./p' paths >better
sed -n 's/^metrics\.invocations\.classes\.0\./metrics.invocations./p' paths >worse
mv better paths
near mean_response_s 1.4285714
mv worse paths
near mean_response_s 4.7619048

# The table for people names what the JSON says.
"$ALMANAC" simulate -q -t loss.h5 >table 2>err || wrong "the table: $(cat err)"
for row in 'response, mean' 'wait before the start, mean' 'in the system, mean' 'utilisation' 'refused'; do
    grep -q "^$row " table || wrong "the table has no row \"$row\""
done
grep -qE '^refused +28\.[0-9]' table || wrong "the table refuses $(grep '^refused' table)"

# The same specification gives the same trace and the same figures, to the byte.
cp out first
"$ALMANAC" simulate -q -t classes.h5 --set control.warmup=5000s --format json |
    grep -vE '"(seconds|p50|p99)":' >again
grep -vE '"(seconds|p50|p99)":' first | cmp -s - again || wrong "a second run differs"
exit "$status"
