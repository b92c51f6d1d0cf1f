#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# resample: does `import --resample` give the means of CPU, peaks of memory and sums of bytes that awk gives, say what it did, and refuse
# what cannot be?
set -uo pipefail

: "${ALMANAC:?the program}"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work" || exit 1
status=0

wrong() {
    echo "FAILED: $1"
    status=1
}

# 2000 rows of two units, 1 to 40 s apart, some without CPU; awk reckons what each 5 minutes have.
awk 'BEGIN { print "time,unit,cpu,memory,io_read"
    for (k = 0; k < 2000; k++) { t += 1 + (k * 7919) % 40; printf "%d,%s,%s,%d,%d\n", t, k % 3 ? "a" : "b", k % 11 ? ((k * 31) % 64) / 64 : "", 1000 + (k * 104729) % 5000, (k * 17) % 900 } }' >t.csv
awk -F, 'NR == 1 { next }
    { at = 300 * int(($1 + 299) / 300); key = at "," $2; rows[key]++; bytes[key] += $5
      if ($3 != "") { cpu[key] += $3; n[key]++ }
      if ($4 > memory[key]) memory[key] = $4 }
    END { for (key in rows) printf "%s,%s,%d,%d\n", key, n[key] ? sprintf("%.9f", cpu[key] / n[key]) : "", memory[key], bytes[key] }' t.csv | sort -t, -k2,2 -k1,1n >want
"$ALMANAC" import csv --resample 5m t.csv -o t.h5 >report || wrong "status $?"
[ "$(wc -l <want)" -gt 200 ] || wrong "awk has only $(wc -l <want) rows"
"$ALMANAC" dump t.h5 usage --columns time_s,unit,cpu,memory,io_read |
    awk -F, 'NR > 1 { printf "%d,%s,%s,%d,%d\n", $1, $2, $3 == "" ? "" : sprintf("%.9f", $3), $4, $5 }' | sort -t, -k2,2 -k1,1n >got
cmp -s want got || wrong "rows differ: $(diff want got | head -n 4)"
grep -qE '^interval +5m' report || wrong "the interval is not told: $(grep interval report)"
grep -qE "^rows +2000 read, $(wc -l <want) kept" report || wrong "the rows are not told: $(grep rows report)"
"$ALMANAC" info t.h5 | grep -qF 'almanac import csv --resample 5m t.csv' || wrong "the stored command does not tell"

# Twice the same interval changes nothing.
"$ALMANAC" import csv t.csv -o raw.h5 >/dev/null
"$ALMANAC" dump t.h5 usage | sed '1s/time_s/time/' >again.csv
"$ALMANAC" import csv --resample 5m again.csv -o again.h5 >/dev/null || wrong "a resampled table is not read"
cmp -s <("$ALMANAC" dump t.h5 usage) <("$ALMANAC" dump again.h5 usage) || wrong "resampling twice changes rows"

for bad in 0 -5m soon ''; do
    "$ALMANAC" import csv --resample="$bad" t.csv -o no.h5 >out 2>err
    got=$?
    if ! grep -qF -- --resample err || [ "$got" -ne 2 ] || [ -e no.h5 ]; then wrong "--resample '$bad': status $got: $(head -n 1 err)"; fi
done
exit "$status"
