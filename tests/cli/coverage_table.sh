#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# coverage_table: does scripts/coverage-table.awk count windows, units and units within 3 points as is done by hand, with all awks, and
# does compare-predictors put its table between the marks of the page?
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

# `good` ran at four confidences, the last of which is not told of; `line` states levels tau, and only 95 %; what is capped, and a policy
# without confidences, have no row. Rows of the plan do not stand in the order of confidences.
{
    echo 'id,command,factor_good.predictor.confidence,factor_capped-good.predictor.confidence,factor_line.predictor.tau,policy'
    echo 'a,x,,,,vpa'
    echo 'b,"x, y",99%,,,good'
    echo 'c,"x, y",90%,,,good'
    echo 'd,x,95%,,,good'
    echo 'e,x,80%,,,good'
    echo 'f,x,,90%,,capped-good'
    echo 'g,x,,,95%,line'
} >cells.csv
# Units of `good`: one of 1000 windows, one of 100, one of 50 (too few to be judged, but pooled) and one of none.
#   90 %: 870 (87.0: within, just), 94 (94.0: not within), 50: pooled (870 + 94 + 50) / 1150 = 88.17 %; one of two within
#   95 %: 950, 95, 20: pooled 1065 / 1150 = 92.61 %; both within      99 %: 950 (not), 100, 50: 1100 / 1150 = 95.65 %; one of two
# Unit "b, c" of `line` has 60 windows, 57 of them right: 95.0, within; the only one, so memory of which there is none has no row.
{
    echo 'unit,cell,cpu_covered_upper,cpu_windows,memory_covered_upper,memory_windows'
    for row in 1,950,100,50 2,870,94,50 3,950,95,20 4,0,0,0 5,1000,100,50; do
        IFS=, read -r cell one two three <<<"$row"
        echo "one,$cell,$one,1000,0,0"
        echo "two,$cell,$two,100,0,0"
        echo "three,$cell,$three,50,0,0"
        echo "four,$cell,0,0,0,0"
    done
    echo '"b, c",6,57,60,0,0'
    echo 'one,0,1000,1000,0,0'
} >units.csv
for awk in awk mawk gawk; do
    command -v "$awk" >/dev/null || continue
    "$awk" -f "$SOURCE/scripts/csv-fields.awk" -f "$SOURCE/scripts/coverage-table.awk" -v set=made -v resource=cpu cells.csv units.csv >"$awk.out" ||
        wrong "$awk: status $?"
    cmp -s awk.out "$awk.out" || wrong "$awk differs from awk"
done
# shellcheck disable=SC2016
{
    echo '| made | cpu | `good` | 2 of 4 | 88.2 (50) | 92.6 (100) | 95.7 (50) |'
    echo '| made | cpu | `line` | 1 | - | 95.0 (100) | - |'
} >expected
diff expected awk.out || wrong 'rows differ from those by hand (<)'
awk -f "$SOURCE/scripts/csv-fields.awk" -f "$SOURCE/scripts/coverage-table.awk" -v set=made -v resource=memory cells.csv units.csv >none
[ -s none ] && wrong "rows of a resource without windows: $(cat none)"

# The page, in a copy of the tree's two parts that matter: what stood between marks is gone, what is outside stays.
mkdir -p copy/docs/guides results && cp -r "$SOURCE/scripts" copy || exit 1
{
    printf '%s\n' before '<!-- tables: made -->' old '<!-- end of tables -->' between
    printf '%s\n' '<!-- coverage: made -->' old '<!-- end of coverage -->' after
} >copy/docs/guides/comparing-predictors.md
cp expected results/nab-coverage.md
echo 'set,resource,cap,policy,units,at,share,slack,less_than_vpa,low,high,less_than_residual_quantile,low,high,changes' >results/nab.csv
copy/scripts/compare-predictors --page -o "$work/results" || wrong "--page: status $?"
{
    printf '%s\n' before '<!-- tables: made -->' '' '<!-- end of tables -->' between '<!-- coverage: made -->' ''
    printf '%s\n' '| set | resource | predictor | units | 90 % | 95 % | 99 % |' '|---|---|---|---|---|---|---|'
    cat expected
    printf '%s\n' '' '<!-- end of coverage -->' after
} >page
diff page copy/docs/guides/comparing-predictors.md || wrong 'the page (>) is not as expected (<)'
exit "$status"
