#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# info: are the numbers those that awk finds in the table itself, is what the import did told in full and readably, and does
# JSON hold what the text shows?
set -u
: "${ALMANAC:?the program}" "${SOURCE:?the source tree}"
work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT
cd "$work" || exit 1
failed=0

wrong()
{
    echo "FAILED: $*"
    failed=1
}

# field RESOURCE COLUMN FILE: of the table of resources.
field()
{
    awk -v resource="$1" -v column="$2" '$1 == resource { print $column; exit }' "$3"
}

# near WHAT GOT WANTED: to five digits.
near()
{
    awk -v a="$2" -v b="$3" 'BEGIN { d = a - b; if (d < 0) d = -d; exit !(a != "" && d <= 1e-5 * (b < 0 ? -b : b)) }' ||
        wrong "$1 is $2; the table has $3"
}

# Three units of six days at 10 minutes: a daily wave with noise, one that is zero half of the time, a constant one.
awk 'BEGIN {
    print "time,unit,cpu,memory"
    for (k = 1; k <= 864; k++) {
        seed = (seed * 16807 + 11) % 2147483647
        wave = 1 + sin(k * 6.283185307 / 144) + (seed % 1000) / 500
        printf "%d,wave,%.6f,%d\n", k * 600, wave, 1e9 + k * 1000
        printf "%d,half,%.2f,%d\n", k * 600, k % 2 ? 0 : 0.25 + k % 7, 5e8
        printf "%d,flat,0.1,\n", k * 600
    }
}' >in.csv
"$ALMANAC" import csv in.csv -o t.h5 >/dev/null || exit 1
"$ALMANAC" info t.h5 >out || wrong "info of a good trace fails"
tail -n +2 in.csv | awk -F, '{ print $3 }' | sort -g >cpu
near "mean of cpu" "$(field cpu 3 out)" "$(awk '{ s += $1 } END { print s / NR }' cpu)"
near "p95 of cpu" "$(field cpu 4 out)" "$(awk '{ v[NR] = $1 } END { r = NR * 0.95; print v[int(r) + (r > int(r))] }' cpu)"
near "peak of cpu" "$(field cpu 5 out)" "$(tail -1 cpu)"
[ "$(field cpu 7 out)" = "$(awk '$1 == 0 { z++ } END { printf "%.2f%%", 100 * z / NR }' cpu)" ] || wrong "zeros of cpu"
[ "$(field memory 8 out)" = "33.33%" ] || wrong "memory is missing in a third of the rows: $(field memory 8 out)"

# Autocorrelation around the mean of the unit; the median of the two that vary is the middle.
correlation()
{
    awk -F, -v unit="$1" -v lag="$2" '$2 == unit { x[n++] = $3; m += $3 }
        END { m /= n
            for (i = lag; i < n; i++) { a = x[i - lag] - m; b = x[i] - m; s += a * b; p += a * a; q += b * b }
            printf "%.9f\n", s / sqrt(p * q) }' in.csv
}
for lag in 1 144; do
    [ $lag -eq 1 ] && column=9 || column=11
    want=$(awk -v a="$(correlation wave $lag)" -v b="$(correlation half $lag)" 'BEGIN { printf "%.3f", (a + b) / 2 }')
    [ "$(field cpu "$column" out)" = "$want" ] || wrong "autocorrelation at $lag: $(field cpu "$column" out), not $want"
    [ "$(field cpu $((column + 1)) out)" = 2 ] || wrong "a constant unit has no autocorrelation"
done

# A report with drops, repairs and a long assumption: nothing is cut, no line is long.
cat >bad.csv <<'END'
time;unit;cpu
1;a;100
2;a;x
2;a;50
2;a;70
1;b;20
END
"$ALMANAC" import csv:cpu_unit=percent,bad=drop bad.csv -o bad.h5 >/dev/null || wrong "import with bad=drop fails"
"$ALMANAC" info bad.h5 >out || wrong "info of bad.h5 fails"
for text in 'report          5 read from 1 file, 3 kept, 2 dropped' '1 x duplicate time stamp: first kept; first: unit a' \
    'bad.csv:3' '100 percent of cpu is taken as one core'; do
    grep -qF "$text" out || wrong "not told: $text; but: $(sed -n '/^report/,/^units/p' out)"
done
grep -q '^  dropped  .* x .*; first: ' out || wrong "reasons are not told as such"
grep -qF '{' out && wrong "JSON among text"
awk 'length($0) > 124 { exit 1 }' out || wrong "a line is longer than a terminal"

if command -v python3 >/dev/null; then
    for file in t bad; do
        "$ALMANAC" info $file.h5 --format json >$file.json || wrong "JSON of $file.h5 fails"
    done
    python3 - <<'END' || wrong "JSON does not hold what the text shows"
import json
t = json.load(open("t.json"))
assert t["schema"] == "almanac.info/1" and t["units"] == 3 and t["rows"] == 2592
cpu = t["resources"]["cpu"]
assert cpu["autocorrelation_step_units"] == 2 and -1 <= cpu["autocorrelation_day"] <= 1
assert abs(cpu["p95_to_max"] - cpu["p95"] / cpu["max"]) < 1e-12
assert t["resources"]["memory"]["autocorrelation_step_units"] == 1
assert "invocations" not in t
bad = json.load(open("bad.json"))
assert bad["report"]["dropped"] == 2 and len(bad["report"]["reasons"]) == 2
END
else
    echo "note: python3 is not installed, so JSON was not read"
fi
exit $failed
