#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# bench: do the benchmarks do the work they say, to the answer that a program in another language finds, and do their figures
# fit together? How fast they are is not looked at.
set -uo pipefail
: "${ALMANAC:?the program}" "${SOURCE:?the source tree}"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work" || exit 1
status=0

wrong() {
    echo "FAIL: $1"
    status=1
}

# refused WORD ARGUMENT...: status 2, and stderr says WORD.
refused() {
    local word=$1
    shift
    "$ALMANAC" bench "$@" >out 2>err </dev/null
    [ $? -eq 2 ] || wrong "bench $* does not end with 2: $(cat err)"
    grep -qF -e "$word" err || wrong "bench $*: nothing of $word in: $(cat err)"
    [ ! -s out ] || wrong "bench $* prints on stdout"
}

refused 'did you mean `hold`' hodl
refused 'there are mm1' no-such-benchmark
refused 'small|full' --size medium
refused 'from 1 to 100 ' --repetitions 101
refused 'from 1 to' --work 0 mm1
refused 'from 1 to' --pending none hold
refused 'text|json' --format csv

"$ALMANAC" bench all -q --work 4000 --repetitions 3 >table 2>err || wrong "bench all: $(cat err)"
for row in 'mm1 +4000 customers' 'hold 100 +4000 holds' 'hold 1000000 +4000 holds' 'invocations +4000 invocations' \
    'replay +[0-9]+ unit_samples' 'share +4000 changes' 'mm1: mean response .*theory 10 s'; do
    grep -qE "^$row" table || wrong "no row $row in: $(cat table)"
done
"$ALMANAC" bench mm1 -q --work 4000 -r 1 --alone >table 2>err || wrong "bench mm1 --alone: $(cat err)"
grep -q 'loop' table && wrong "--alone measures a loop: $(cat table)"

python=$(command -v /usr/bin/python3 || command -v python3 || true)
if [ -z "$python" ]; then
    echo "SKIP: the JSON and the answers: no python3"
    [ "$status" -eq 0 ] && exit 77
    exit "$status"
fi
"$ALMANAC" bench all -q --work 4000 --repetitions 3 --format json >all.json 2>err || wrong "JSON of all: $(cat err)"
"$ALMANAC" bench -q hold mm1 --pending 50 --work 3000 -r 1 --alone --format json >two.json 2>err || wrong "JSON of two"
"$python" - <<'END' || wrong "the JSON is not right"
import heapq, json, math

MASK = (1 << 64) - 1


class Random:
    """xoshiro256** from SplitMix64 of 42; exponential draws by a ziggurat of 256 layers, with durations in ns."""

    def __init__(self):
        self.s, z = [], 42
        for _ in range(4):
            z = (z + 0x9E3779B97F4A7C15) & MASK
            y = ((z ^ z >> 30) * 0xBF58476D1CE4E5B9) & MASK
            y = ((y ^ y >> 27) * 0x94D049BB133111EB) & MASK
            self.s.append(y ^ y >> 31)
        tail, area = 7.69711747013104972, 3.949659822581572e-3
        self.x = [area / math.exp(-tail), tail]
        while len(self.x) < 256:
            self.x.append(-math.log(math.exp(-self.x[-1]) + area / self.x[-1]))
        self.x.append(0.0)

    def u64(self):
        def turn(v, k):
            return (v << k | v >> (64 - k)) & MASK

        s = self.s
        out, t = turn(s[1] * 5 & MASK, 7) * 9 & MASK, s[1] << 17 & MASK
        s[2] ^= s[0]
        s[3] ^= s[1]
        s[1] ^= s[2]
        s[0] ^= s[3]
        s[2] ^= t
        s[3] = turn(s[3], 45)
        return out

    def duration(self, mean):
        beyond = 0.0
        while True:
            bits = self.u64()
            i = bits % 256
            x = (bits >> 11) * 2.0**-53 * self.x[i]
            if x < self.x[i + 1]:
                break
            if i == 0:
                beyond += self.x[1]
                continue
            low, high = math.exp(-self.x[i]), math.exp(-self.x[i + 1])
            if low + (self.u64() >> 11) * 2.0**-53 * (high - low) < math.exp(-x):
                break
        return int((beyond + x) * mean * 1e9)


def mm1(n):
    """Two clocks instead of a queue of events."""
    r = Random()
    made, served, spent, line = 1, 0, 0, []
    arrival, departure = r.duration(1 / 0.9), None
    while served < n:
        if departure is None or (arrival is not None and arrival < departure):
            now, arrival = arrival, None
            if made < n:
                arrival, made = now + r.duration(1 / 0.9), made + 1
            line.append(now)
            if len(line) == 1:
                departure = now + r.duration(1)
        else:
            spent, served = spent + departure - line.pop(0), served + 1
            departure = departure + r.duration(1) if line else None
    return spent * 1e-9 / n


def hold(pending, holds):
    r = Random()
    heap = [(r.duration(1), k) for k in range(pending)]
    heapq.heapify(heap)
    for k in range(min(2 * pending, holds) + holds):
        now = heap[0][0]
        heapq.heapreplace(heap, (now + r.duration(1), pending + k))
    return now * 1e-9


def near(a, b, tolerance=1e-9):
    assert abs(a - b) <= tolerance * abs(b), (a, b)


PLURAL = {"mm1": "customers", "hold": "holds", "invocations": "invocations", "replay": "unit_samples", "share": "changes"}


def check(one, name, alone):
    work, per = one[PLURAL[name]], PLURAL[name] + "_per_s"
    for side in [one] if alone else [one, one["reference"]]:
        assert 0 < side["cpu_seconds"] <= side["cpu_seconds_median"]
        if name == "hold":
            near(side["ns_per_hold"], side["cpu_seconds"] / work * 1e9)
            near(side["ns_per_hold_median"], side["cpu_seconds_median"] / work * 1e9)
        else:
            near(side[per], work / side["cpu_seconds"])
            near(side[per + "_median"], work / side["cpu_seconds_median"])
    assert ("reference" in one) == ("ratio" in one) == (not alone)
    if not alone:
        near(one["ratio"], one["reference"]["cpu_seconds"] / one["cpu_seconds"])


out = json.load(open("all.json"))
assert out["schema"] == "almanac.bench/1" and out["repetitions"] == 3 and out["version"]
assert out["machine"]["cores"] >= 1 and out["machine"]["cpu"] and out["machine"]["compiler"]
result = {r["name"]: r for r in out["results"]}
assert list(result) == list(PLURAL), list(result)
for name, one in result.items():
    for row in one["rows"] if name == "hold" else [one]:
        check(row, name, False)
assert [r["pending"] for r in result["hold"]["rows"]] == [100, 1000, 10000, 100000, 1000000]
near(result["mm1"]["mean_response_s"], mm1(4000))
near(result["mm1"]["reference"]["mean_response_s"], mm1(4000))
for row in result["hold"]["rows"][:2]:
    near(row["clock_s"], hold(row["pending"], 4000))

two = {r["name"]: r for r in json.load(open("two.json"))["results"]}
assert list(two) == ["mm1", "hold"] and len(two["hold"]["rows"]) == 1
check(two["mm1"], "mm1", True)
check(two["hold"]["rows"][0], "hold", True)
near(two["hold"]["rows"][0]["clock_s"], hold(50, 3000))
assert two["mm1"]["mean_response_theory_s"] == 10 and 0 < two["mm1"]["mean_response_half_width_s"] < 20
END

# Long enough for theory: the mean of 300000 customers must be as near as it is for 99.9 % of the seeds (ours is fixed).
"$ALMANAC" bench mm1 -q --work 300000 -r 1 --alone --format json >long.json 2>err || wrong "a long mm1: $(cat err)"
"$python" -c '
import json
one = json.load(open("long.json"))["results"][0]
assert abs(one["mean_response_s"] - 10) < one["mean_response_half_width_s"] < 1.2, one' || wrong "mm1 is not M/M/1"

"$SOURCE/scripts/ci/80-instructions" --self-test || wrong "the gate on instructions does not see what it should"
exit "$status"
