#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""replay: decide again, from the written rules alone, what almanac decided, and compare to the millicore and byte.

Usage: replay.py ALMANAC TRACE.h5 [UNIT...]

Meaning.  An implementation of its own of the Kubernetes VPA recommender and of the moving maximum and percentile, in plain
          Python over `almanac dump TRACE usage`: it shares no code with the program, only the definitions that the
          decision records 0003 and 0007 name. Open loop, margin 0, a decision every 5 minutes.
Limits.   Where the exact value is a whole number but for the last bit of its arithmetic, one millicore or byte is allowed to
          the percentile: which side a tie falls on is nobody's right.
"""
import csv
import math
import subprocess
import sys

DAY = 86400.0
HALF_LIFE = DAY
YEAR_ONE = 62135596800  # seconds from 0001-01-01 to 1970-01-01
INTERVAL = 300
MOST = 10**14


class Histogram:
    """Exponential buckets whose weights fade with age, as in vertical-pod-autoscaler/pkg/recommender/util."""

    def __init__(self, first, most, ratio=1.05, epsilon=1e-4):
        self.first, self.ratio, self.epsilon = first, ratio, epsilon
        self.weight = [0.0] * (math.ceil(math.log(most * (ratio - 1) / first + 1) / math.log(ratio)) + 1)
        self.total, self.reference = 0.0, None

    def bucket(self, value):
        if value < self.first:
            return 0
        b = int(math.log(value * (self.ratio - 1) / self.first + 1) / math.log(self.ratio))
        return min(b, len(self.weight) - 1)

    def start(self, b):
        return self.first * (self.ratio**b - 1) / (self.ratio - 1) if b else 0.0

    def factor(self, t):
        if self.reference is None or t > self.reference + 100 * HALF_LIFE:
            moved = math.floor((t + YEAR_ONE) / HALF_LIFE + 0.5) * HALF_LIFE - YEAR_ONE
            if self.reference is not None:
                scale = 2.0 ** round((self.reference - moved) / HALF_LIFE)
                self.weight = [w * scale for w in self.weight]
                self.total *= scale
            self.reference = moved
        return 2.0 ** ((t - self.reference) / HALF_LIFE)

    def add(self, value, weight, t):
        weight *= self.factor(t)
        self.weight[self.bucket(value)] += weight
        self.total += weight

    def subtract(self, value, weight, t):
        weight *= self.factor(t)
        b = self.bucket(value)
        self.weight[b] = self.weight[b] - weight if self.weight[b] - weight >= self.epsilon else 0.0
        self.total = max(0.0, self.total - weight)

    def percentile(self, p):
        filled = [b for b, w in enumerate(self.weight) if w >= self.epsilon]
        if not filled:
            return 0.0
        b, below = filled[0], 0.0
        while b < filled[-1]:
            below += self.weight[b]
            if below >= p * self.total:
                break
            b += 1
        return self.start(min(b + 1, len(self.weight) - 1))


def amount(x):
    return MOST if x >= MOST else max(0, int(x))


class Vpa:
    PERCENTILE = {"target": 0.9, "lower": 0.5, "upper": 0.95}

    def __init__(self, bound):
        self.bound = bound
        self.cpu, self.memory = Histogram(0.01, 1000.0), Histogram(1e7, 1e12)
        self.first = self.last = self.window_end = None
        self.samples, self.peak, self.seen_memory = 0, 0, False

    def see(self, t, cpu, memory):
        if cpu is not None:
            self.cpu.add(int(cpu * 1000.0) / 1000.0, 0.1, t)
            self.first = t if self.first is None else self.first
            self.last = t
            self.samples += 1
        if memory is not None:
            self.see_memory(t, memory)

    def see_memory(self, t, memory):
        self.seen_memory = True
        if self.window_end is not None and t < self.window_end:
            if self.peak == 0 or memory <= self.peak:
                return
            self.memory.subtract(self.peak, 1.0, self.window_end)
        elif self.window_end is None:
            self.window_end = t + DAY
        else:
            self.window_end += (math.floor((t - self.window_end) / DAY) + 1) * DAY
        self.memory.add(memory, 1.0, self.window_end)
        self.peak = memory

    def confidence(self):
        return 0.0 if self.first is None else min((self.last - self.first) / DAY, self.samples / 1440.0)

    def limit(self, histogram, scale, least):
        value = amount(histogram.percentile(self.PERCENTILE[self.bound]) * scale)
        value = amount(value + amount(value * 0.15))
        if self.bound != "target":
            multiplier, exponent = (1.0, 1.0) if self.bound == "upper" else (0.001, -2.0)
            c = self.confidence()
            if c == 0:
                value = MOST if exponent > 0 else 0
            else:
                value = amount(value * math.pow(1.0 + multiplier / c, exponent))
        return max(value, least)

    def limits(self):
        return (self.limit(self.cpu, 1000.0, 25) if self.samples else None,
                self.limit(self.memory, 1.0, 262144000) if self.seen_memory else None)


class Moving:
    def __init__(self, statistic, count=288):
        self.statistic, self.count, self.window = statistic, count, ([], [])

    def see(self, _, cpu, memory):
        for values, value in zip(self.window, (cpu, memory)):
            if value is not None:
                values.append(value)
                del values[: -self.count]

    def limits(self):
        out = []
        for values, scale in zip(self.window, (1000.0, 1.0)):
            value = self.statistic(values) * scale if values else None
            out.append(None if value is None else math.ceil(value - 1e-9 if scale > 1 else value))
        return tuple(out)


def percentile_95(values):
    """Type 7: linear between the order statistics around 0.95 (n - 1)."""
    values = sorted(values)
    h = 0.95 * (len(values) - 1)
    k = int(h)
    return values[k] + (h - k) * (values[min(k + 1, len(values) - 1)] - values[k])


POLICIES = [("vpa", lambda: Vpa("target"), 0), ("vpa:bound=lower", lambda: Vpa("lower"), 0),
            ("vpa:bound=upper", lambda: Vpa("upper"), 0), ("moving-max", lambda: Moving(max), 0),
            ("moving-percentile", lambda: Moving(percentile_95), 1)]


def number(text, kind):
    return kind(text) if text else None


def decide(rows, model):
    """Decisions at the multiples of INTERVAL from the first stamp on, before the last."""
    t, i = math.ceil(rows[0][0] / INTERVAL) * INTERVAL, 0
    while t < rows[-1][0]:
        while i < len(rows) and rows[i][0] <= t:
            model.see(*rows[i])
            i += 1
        yield (t, *model.limits())
        t += INTERVAL


def table(almanac, *arguments):
    out = subprocess.run([almanac, "dump", *arguments], check=True, stdout=subprocess.PIPE, text=True).stdout
    units = {}
    for row in csv.DictReader(out.splitlines()):
        units.setdefault(row["unit"], []).append(row)
    return units


def same(mine, theirs, slack):
    return mine[0] == theirs[0] and all(
        a == b or (None not in (a, b) and abs(a - b) <= slack) for a, b in zip(mine[1:], theirs[1:]))


def main():
    almanac, trace, chosen = sys.argv[1], sys.argv[2], sys.argv[3:]
    usage = table(almanac, trace, "usage")
    wrong = compared = 0
    for predictor, make, slack in POLICIES:
        subprocess.run([almanac, "simulate", "-t", trace, "--predictor", predictor, "--allocator", "envelope:margin=0",
                        "--set", "platform.open_loop=true", "-o", "replay.h5", "-q"],
                       check=True, stdout=subprocess.DEVNULL)
        decisions = table(almanac, "replay.h5", "decisions")
        for unit in chosen or usage:
            rows = [(float(r["time_s"]), number(r.get("cpu"), float), number(r.get("memory"), int)) for r in usage[unit]]
            theirs = [(float(d["time_s"]), number(d["cpu_limit_millicores"], int), number(d["memory_limit_bytes"], int))
                      for d in decisions.get(unit, [])]
            mine = list(decide(rows, make()))
            if len(mine) != len(theirs):
                print(f"{predictor}: unit {unit}: {len(theirs)} decisions, {len(mine)} expected")
                wrong += 1
            for a, b in zip(mine, theirs):
                compared += 1
                if not same(a, b, slack):
                    wrong += 1
                    if wrong <= 10:
                        print(f"{predictor}: unit {unit}: at {a[0]} s decided {b[1:]}, expected {a[1:]}")
    print(f"{compared} decisions compared, {wrong} differ")
    return 1 if wrong or compared == 0 else 0


if __name__ == "__main__":
    sys.exit(main())
