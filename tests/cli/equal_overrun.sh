#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# equal_overrun: does scripts/equal-overrun.awk read slack off where it lies by hand, are its intervals those of paired units, and do
# all awks agree?
set -uo pipefail

: "${SOURCE:?the root of the sources}"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work" || exit 1
status=0

wrong() {
    echo "FAILED: $1"
    status=1
}

# Two points at shares 0.04 and 0.0025 and slacks 0.2 and 0.6, VPA at 0.01 with 0.5: halfway in the logarithm, so 0.4, but for the 1e-6.
# Eight units alike: no interval has any width. capped-good has 0.3 where good has 0.2, and never comes to 0.1 %.
{
    echo 'id,policy,cpu_limit_changes_per_unit_day'
    echo 'z,vpa,3'
    echo 'y,"residual-quantile confidence=0.9, x",100'
    echo 'x,"residual-quantile confidence=0.99, x",200'
    echo 'w,good confidence=0.9,100'
    echo 'v,good confidence=0.99,200'
    echo 'u,capped-good confidence=0.9,20'
    echo 't,capped-good confidence=0.99,21'
} >cells.csv
{
    echo 'unit,cell,cpu_limit,cpu_slack,cpu_seconds,cpu_overrun_seconds'
    for k in 1 2 3 4 5 6 7 8; do
        echo "u$k,0,1000,500,10000,100"
        echo "u$k,1,1000,200,10000,400"
        echo "u$k,2,1000,600,10000,25"
        echo "u$k,3,1000,100,10000,400"
        echo "u$k,4,1000,300,10000,25"
        echo "u$k,5,1000,300,10000,400"
        echo "u$k,6,1000,300,10000,25"
    done
} >units.csv
fields=$SOURCE/scripts/csv-fields.awk
script=$SOURCE/scripts/equal-overrun.awk
for awk in awk mawk gawk; do
    command -v "$awk" >/dev/null || continue
    "$awk" -f "$fields" -f "$script" -v set=made -v resource=cpu -v resamples=200 cells.csv units.csv >"$awk.out" || wrong "$awk: status $?"
    cmp -s awk.out "$awk.out" || wrong "$awk differs from awk: $(diff awk.out "$awk.out" | head -n 4)"
done
row() { grep -E "^made,cpu,$1,$2,8,$3," awk.out | cut -d, -f7-14; }
is() { [ "$1" = "$2" ] || wrong "$3: $1, by hand $2"; }
is "$(row none vpa vpa)" 0.010000,0.5000,0.0000,0.0000,0.0000,,, 'VPA'
is "$(row none residual-quantile vpa)" 0.010000,0.4000,0.2000,0.2000,0.2000,0.0000,0.0000,0.0000 'halfway'
is "$(row none good vpa)" 0.010000,0.2000,0.6000,0.6000,0.6000,0.5000,0.5000,0.5000 'half of the standard'
is "$(row none good 1%)" 0.010000,0.2000,,,,0.5000,0.5000,0.5000 'at 1 %'
is "$(row none good 0.1%)" 0.001000,,,,,,, 'beyond the points'
is "$(row 24 good vpa)" 0.010000,0.3000,0.4000,0.4000,0.4000,,, 'no standard under the cap'

# Units that differ: unit k has VPA slack 10 k percent and `good` half of that. The ratio is the same in every resample, so a paired interval
# has no width though the slacks vary; of `residual-quantile`, the same for all units, the interval has some.
awk -F, -v OFS=, 'NR > 1 { k = substr($1, 2); if ($2 == 0) $4 = 100 * k; if ($2 == 3 || $2 == 4) $4 = 50 * k } { print }' units.csv >pairs.csv
awk -f "$fields" -f "$script" -v set=made -v resource=cpu -v resamples=200 cells.csv pairs.csv >awk.out
is "$(row none good vpa | cut -d, -f3-5)" 0.5000,0.5000,0.5000 'paired'
row none residual-quantile vpa | awk -F, '{ exit !($4 < $3 - 0.05 && $5 > $3 + 0.05) }' || wrong "no width: $(row none residual-quantile vpa)"

# Three units are too few for an interval.
awk -F, 'NR == 1 || $1 ~ /u[123]/' units.csv >few.csv
awk -f "$fields" -f "$script" -v set=made -v resource=cpu cells.csv few.csv | grep -qE '^made,cpu,none,good,3,vpa,0.010000,0.2000,0.6000,,,0.5000,,,' ||
    wrong 'three units have an interval'

# The table of it.
awk -f "$fields" -f "$script" -v set=made -v resource=cpu -v resamples=200 cells.csv units.csv >made.csv
awk -F, -v resource=cpu -v cap=none -v head=CPU. -f "$SOURCE/scripts/equal-overrun-table.awk" made.csv >table
# shellcheck disable=SC2016
grep -qF '| | `good` | 20.0 | 60 (60 to 60) | 50 (50 to 50) | 20.0 | 50 (50 to 50) | - |  |' table || wrong "the table: $(cat table)"
[ -z "$(awk -F, -v resource=memory -v cap=none -f "$SOURCE/scripts/equal-overrun-table.awk" made.csv)" ] || wrong 'a table of nothing'
exit "$status"
