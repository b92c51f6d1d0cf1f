#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# fit_models: does `almanac fit` print what R does? Likelihood, variance, forecasts and limits of every reference ARIMA case at given
# coefficients; a likelihood no lower than the best known where they are estimated; every reference quantile regression.
#
# Meaning.  Each number is held against its row of expected.csv: |got - value| <= atol + rtol |value|, by the rules of the README
#           beside it. Where there is a gap and differencing only the diffuse likelihood is known, which has other constants: left out.
set -uo pipefail

: "${ALMANAC:?the program}" "${SOURCE:?the root of the sources}"
shared=${ALM_SHARED:-$SOURCE/../shared}/reference
if [ ! -f "$shared/arima/expected.csv" ] || [ ! -f "$shared/rq/expected.csv" ]; then
    echo "SKIP: the reference numbers are not there (set ALM_SHARED)"
    exit 77
fi
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work" || exit 1
failed=0

wrong() {
    echo "FAILED: $*"
    failed=1
}

# paths CASE KIND: the numbers of the JSON in `out` as lines case,kind.path,0,value.
paths() {
    awk -f "$SOURCE/scripts/json-paths.awk" out | awk -F '\t' -v OFS=, -v c="$1" -v k="$2" '{ print c, k "." $1, 0, $2 }'
}

# Cases as lines CASE SERIES STEPS DIFFERENCED OPTIONS FIXED_A FIXED_B.
awk -F, '
    FNR == NR { if ($2 ~ /^fix[AB]\.par\./) { kind = substr($2, 4, 1); name = substr($2, 10)
                    fixed[$1, kind] = fixed[$1, kind] (fixed[$1, kind] == "" ? "" : "/") name ":" $4 } next }
    FNR > 1 { options = "order=" $3 "/" $4 "/" $5 ",seasonal=" $6 "/" $7 "/" $8 ",period=" $9 ",mean=" ($10 ? "true" : "false")
        if ($11 == "trend") options = options ",drift=true"
        if ($11 ~ /^fourier/) options = options ",fourier=" substr($11, 8)
        print $1, $2, $12, ($4 + $7 > 0 ? 1 : 0), $14, options, (fixed[$1, "A"] == "" ? "-" : fixed[$1, "A"]),
              (fixed[$1, "B"] == "" ? "-" : fixed[$1, "B"]) }' "$shared/arima/expected.csv" "$shared/arima/cases.csv" >cases

while read -r case series steps differenced gaps options a b; do
    data=$shared/data/$series.csv
    "$ALMANAC" fit "arima:$options" "$data" --column y --format json >out || wrong "$case: the fit failed"
    paths "$case" best
    for kind in A B; do
        fixed=$a
        [ "$kind" = A ] || fixed=$b
        [ "$fixed" = - ] || fixed=,fixed=$fixed
        [ "$fixed" != - ] || fixed=
        "$ALMANAC" fit "arima:$options$fixed" "$data" --column y --format json >out || wrong "$case: fix$kind failed"
        paths "$case" "fix$kind" >lines
        if [ "$differenced" = 1 ] && [ "$gaps" -gt 0 ]; then
            :
        elif [ "$differenced" = 1 ]; then
            sed 's/\.loglik,/.diffloglik,/; s/\.sigma2,/.diffsigma2,/' lines
        else
            cat lines
        fi
    done
    [ "$a" = - ] || a=,fixed=$a
    [ "$a" != - ] || a=
    "$ALMANAC" forecast "arima:$options$a" "$data" --column y --horizon "$steps" --format csv >out || wrong "$case: no forecast"
    awk -F, -v OFS=, -v c="$case" -v kind=fixA.fc '
        NR == 1 { for (i = 1; i <= NF; i++) { name[i] = $i; sub(/lower_/, "lo", name[i]); sub(/upper_/, "hi", name[i]) } next }
        { for (i = 2; i <= NF; i++) print c, kind "." name[i], $1, $i }' out
done <cases >got

# Each row of the reference that is in `got`, by its own rule; best.loglik may be higher.
awk -F, '
    FNR == NR { got[$1, $2, $3] = $4; next }
    FNR == 1 || $5 + 0 >= 1e8 || !(($1, $2, $3) in got) { next }
    $2 ~ /^best\./ && $2 != "best.loglik" { next }
    $2 ~ /^fix.\.par\./ { next }
    { g = got[$1, $2, $3]; off = g - $4; size = $4 < 0 ? -$4 : $4; count[$2]++
      bad = g == "" || g == "null" || (off < 0 ? -off : off) > $6 + $5 * size
      if ($2 == "best.loglik") bad = g == "null" || off < -($6 + $5 * size)
      if (bad) { print "FAILED: " $1 " " $2 " " $3 ": " g ", not " $4; wrong++ } }
    END { for (q in count) { sum += count[q]; print count[q] " of " q }
          print sum + 0 " numbers of ARIMA models were compared, " wrong + 0 " are wrong"; exit wrong > 0 || sum < 1500 }' \
    got "$shared/arima/expected.csv" || failed=1

# Quantile regressions. A unique answer must have its coefficients; of the counts only count.neg <= n tau <= count.neg + count.zero
# is the same for all answers.
cut -d, -f1 "$shared/rq/expected.csv" | sed 1d | sort -u | while read -r case; do
    tau=0${case##*_tau}
    data=$shared/data/rq_${case%_tau*}.csv
    "$ALMANAC" fit "quantile-regression:tau=$tau" "$data" --response y --format json >out || echo "$case,failed,0,1"
    paths "$case" rq | sed 's/,rq\.coefficients\.intercept,/,rq.coef,/; s/,rq\.coefficients\.x\([0-9]*\),0,/,rq.coef,\1,/'
done >got
awk -F, '
    FNR == NR { got[$1, $2, $3] = $4; if ($2 == "failed") { print "FAILED: " $1; wrong++ }; next }
    FNR == 1 { next }
    $2 == "unique" { unique[$1] = $4 }
    $2 == "objective.best" { g = got[$1, "rq.objective", 0]; kind = "objective" }
    $2 == "coef.br" { g = unique[$1] ? got[$1, "rq.coef", $3] : $4; kind = "coefficient"; sum += unique[$1] ? 0 : -1 }
    $2 != "objective.best" && $2 != "coef.br" { next }
    { off = g - $4; size = $4 < 0 ? -$4 : $4; sum++
      if (g == "" || (off < 0 ? -off : off) > $6 + $5 * size) { print "FAILED: " $1 " " kind " " $3 ": " g ", not " $4; wrong++ } }
    $2 == "objective.best" {
      n = got[$1, "rq.nobs", 0]; t = n * got[$1, "rq.tau", 0]; low = got[$1, "rq.count_negative", 0]
      if (got[$1, "rq.optimal", 0] != "true" || low > t + 1e-9 || low + got[$1, "rq.count_zero", 0] < t - 1e-9) {
          print "FAILED: " $1 ": not optimal, or counts on the wrong side of n tau"; wrong++ } }
    END { print sum + 0 " numbers of quantile regressions were compared, " wrong + 0 " are wrong"; exit wrong > 0 || sum < 150 }' \
    got "$shared/rq/expected.csv" || failed=1
exit "$failed"
