#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# forecast: are forecasts of series that can be done by hand right, in text, CSV and JSON alike; is each way to write a missing value
# one; is a table that is wrong refused with its file, line and column; is a figure drawn?
#
# Limits.  Models against R: fit_models.sh and the tests below tests/reference.
set -uo pipefail

: "${ALMANAC:?the program}" "${SOURCE:?the root of the sources}"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work" || exit 1
failed=0

wrong() {
    echo "FAILED: $*"
    failed=1
}

# status WANTED COMMAND...: stdout in out, stderr in err. Standard input is the file `in` when there is one.
status() {
    local wanted=$1 got
    shift
    [ -f in ] || : >in
    timeout 60 "$ALMANAC" "$@" >out 2>err <in
    got=$?
    [ "$got" -eq "$wanted" ] || wrong "$*: status $got, $wanted is right: $(head -3 err)"
}

# says TEXT: the message has it, and nothing was printed.
says() {
    grep -qF -e "$1" err || wrong "not said: $1; but: $(cat err)"
    [ ! -s out ] || wrong "an error, yet stdout has: $(head -1 out)"
}

# is PATH VALUE: in the JSON in out, within 1e-9 of it.
is() {
    awk -f "$SOURCE/scripts/json-paths.awk" out | awk -F '\t' -v path="$1" -v want="$2" '
        $1 == path { found = 1; got = $2; off = got - want; good = got == want || (want + 0 == want && off * off < 1e-18 * (1 + want * want)) }
        END { if (!found) print "FAILED: no " path; else if (!good) print "FAILED: " path " is " got ", not " want; exit !good }' ||
        failed=1
}

# By hand: steps of 1 2 1 3, so the variance of a step is 15/4 without and 11/12 with a drift of 7/4.
printf 'y\n1\n2\n4\n5\n8\n' >five.csv
status 0 forecast naive five.csv --horizon 3 --level 80,95 --format json
is schema almanac.forecast/1
is model naive
is column y
is nobs 4
is mean.0 8
is mean.2 8
is se.0 1.9364916731037085
is se.2 3.3541019662496847
is lower.80.0 5.5182860647
is upper.80.0 10.4817139353
is upper.95.0 11.7954539356
is upper.95.2 14.5739190543
awk -f "$SOURCE/scripts/json-paths.awk" out | cut -f1 >paths
grep -qx mean.3 paths && wrong "three steps were asked for, there is a fourth"
cp out json
status 0 forecast naive five.csv --horizon 3 --level 80,95 --format csv
[ "$(head -n 1 out)" = step,mean,se,lower_80,upper_80,lower_95,upper_95 ] || wrong "the header of the CSV is $(head -n 1 out)"
[ "$(wc -l <out)" -eq 4 ] || wrong "three steps are $(wc -l <out) lines of CSV"
grep -q '^1,8,1.936491673103708' out || wrong "the first step in CSV is $(sed -n 2p out)"
status 0 forecast naive five.csv --horizon 3 --level 80,95
grep -Eq '^ +1 +8 +1\.936492 +5\.518286 +10\.48171 +4\.204546 +11\.79545$' out || wrong "the first step in text: $(grep '^ *1 ' out)"
[ "$(awk 'NF && on { print length($0) } /step/ { on = 1; print length($0) }' out | sort -u | wc -l)" -eq 1 ] || wrong "the table does not align"
status 0 forecast drift five.csv --horizon 2 --format json
is mean.0 9.75
is mean.1 11.5
is se.0 1.0704360482        # sqrt(11/12 + 11/12/4)

# The range of rows, the column by name and number, standard input, other separators, packed.
status 0 forecast naive five.csv --to 3 --horizon 1 --format json
is mean.0 4
status 0 fit mean five.csv --from 2 --to 4 --format json
is coefficients.mean 3.66666666666666667
is nobs 3
printf 'time;Value\n1;7\n2;9\n' >in
for column in Value value 2; do
    status 0 fit mean - --column "$column" --format json
    is coefficients.mean 8
done
gzip -c in >packed.csv
status 0 fit mean packed.csv --response Value --format json
is coefficients.mean 8

# A missing value keeps its place: the season of two goes on 10, 20.
for missing in NA NaN nan null - '""' ''; do
    printf 'y,x\n10,1\n20,1\n%s,1\n20,1\n10,1\n20,1\n' "$missing" >gap.csv
    status 0 fit mean gap.csv --column y --format json
    is missing 1
    is coefficients.mean 16
done
printf 'y\n10\n20\n\n20\n10\n20\n\n\n' >blank.csv
status 0 forecast seasonal-naive:period=2 blank.csv --horizon 2 --format json
is mean.0 10
is mean.1 20
status 0 fit mean blank.csv --format json
is missing 1
is nobs 5
printf '\xef\xbb\xbfy\r\n1\r\n3\r\n' >windows.csv
status 0 fit mean windows.csv --column y --format json
is coefficients.mean 2

# NaN is null: one value has no variance.
printf 'y\n3\n' >one.csv
status 0 forecast naive one.csv --horizon 1 --format json
is mean.0 3
is se.0 null
is upper.95.0 null
status 0 forecast naive one.csv --horizon 1 --format csv
grep -qx '1,3,,,,,' out || wrong "unknown limits in CSV: $(tail -1 out)"

# Quantile regression: the median of y given x; 1 of 5 rows has a gap, wherever it is.
printf 'y,x,z\n1,1,0\n2,2,5\n30,3,1\n4,4,\n5,5,2\n' >table.csv
status 0 fit quantile-regression:tau=0.5 table.csv --response y --regressors x --format json
is coefficients.intercept 0
is coefficients.x 1
is objective 13.5
is tau 0.5
is optimal true
is nobs 5
is rank 2
status 0 fit quantile-regression table.csv --response y --format json
is nobs 4
is rank 3
status 0 fit quantile-regression:intercept=false table.csv --response y --regressors x --format json
grep -q intercept out && wrong "an intercept that nobody wanted"
is coefficients.x 1
status 0 fit quantile-regression:tau=95% table.csv --response y
grep -q 'quantile 0.95 of y' out || wrong "tau=95% is not 0.95: $(head -1 out)"

# Given coefficients; "intercept" is R's word for the mean.
for word in mean intercept; do
    status 0 fit "arima:order=1/0/0,fixed=ar1:0.5/$word:3" five.csv --format json
    is coefficients.ar1 0.5
    is coefficients.mean 3
    is fixed true
    is order.0 1
    # by hand, of x = -2 -1 1 2 5: (4 * 0.75 + 0 + 1.5^2 + 1.5^2 + 4^2) / 5
    is sigma2 4.7
done
status 0 fit mean five.csv --diagnostics --format json
is diagnostics.residuals 5
is diagnostics.mean 0
is diagnostics.sd 2.7386127875

# What is wrong is named.
printf 'y,x\n1,2\n3,abc\n' >word.csv
status 4 fit mean word.csv --column x
says 'word.csv:3: column `x`: `abc` is no number'
status 4 fit quantile-regression word.csv --response y
says 'word.csv:3: column `x`'
status 4 fit mean word.csv --column yy
says 'did you mean `y`'
printf 'y\n1\n1e999\n' >in
status 4 fit mean -
says 'standard input:3: column `y`: `1e999`'
printf 'y\ninf\n' >in
status 4 fit mean -
says 'standard input:2'
printf '1,2\n3,4\n' >bare.csv
status 4 fit mean bare.csv --column y
says 'the first row must name the columns'
printf 'y,x\n1,2\n3\n' >short.csv
status 4 forecast mean short.csv --column y
says 'short.csv:3: 1 field, the header has 2'
printf 'y,y\n1,2\n' >twice.csv
status 4 fit mean twice.csv --column y
says 'two columns are called'
printf 'y\n' >in
status 4 fit mean -
says 'has a header and no row'
: >in
status 4 fit mean -
says 'is empty'
printf 'y\nNA\nNA\n' >in
status 4 forecast arima:order=1/0/0 -
says 'column `y`'
status 4 fit mean no-such-file.csv
says 'no-such-file.csv'
status 2 fit arimma five.csv
says 'did you mean `arima`'
status 2 fit quantile-regresion five.csv
says 'did you mean `quantile-regression`'
status 2 fit arima:ordr=1/0/1 five.csv
says 'did you mean `order`'
status 2 fit arima:order=1/0 five.csv
says 'order=2/1/2'
status 2 fit quantile-regression:tau=1 five.csv
says 'tau'
status 2 fit mean five.csv --from 9
says 'five.csv has 5'
status 2 forecast quantile-regression five.csv
says 'almanac fit'
for options in '--level 0.95' '--level 100' '--level 80,80' '--level 80,' '--horizon 0' '--horizon x' '--plot f.gif' '--format xml'; do
    # shellcheck disable=SC2086 # words
    status 2 forecast mean five.csv $options
    says "${options%% *}"
done

# No model hangs or dies on a series that nobody would fit: constant, tiny, huge, two values, mostly missing.
"$ALMANAC" forecast --models | sed -nE 's/^([a-z-]+): .*/\1/p' | grep -v '^Source' >models
[ "$(wc -l <models)" -ge 10 ] || wrong "--models lists $(wc -l <models)"
awk 'BEGIN { print "y"; for (i = 0; i < 40; i++) print 5 }' >odd_constant.csv
awk 'BEGIN { print "y"; for (i = 0; i < 40; i++) print (i % 7) "e-305" }' >odd_tiny.csv
awk 'BEGIN { print "y"; for (i = 0; i < 40; i++) print (i % 2 ? "-" : "") "1e308" }' >odd_huge.csv
awk 'BEGIN { print "y"; for (i = 0; i < 40; i++) print (i % 13 ? "NA" : i) }' >odd_missing.csv
printf 'y\n1\n2\n' >odd_two.csv
while read -r model; do
    for file in odd_*.csv; do
        timeout 60 "$ALMANAC" forecast "$model" "$file" --horizon 5 --format json >out 2>err
        code=$?
        case $code in
        0) awk -f "$SOURCE/scripts/json-paths.awk" out | grep -q '^mean\.4' || wrong "$model $file: no five steps" ;;
        2 | 4) grep -q '^almanac: .' err || wrong "$model $file: status $code and nothing said" ;;
        *) wrong "$model $file: status $code: $(head -3 err)" ;;
        esac
    done
done <models

# The figure: bands of both levels, gaps and names that are no markup.
awk 'BEGIN { print "a<b&c"; for (i = 1; i <= 50; i++) print (i == 20 ? "NA" : i % 7) }' >series.csv
if command -v gnuplot >/dev/null; then
    for ending in svg png pdf; do
        "$ALMANAC" forecast mean series.csv --horizon 6 --level 50,90 --plot "f.$ending" --keep-script >out 2>err || wrong "no $ending: $(cat err)"
        [ -s "f.$ending" ] || wrong "f.$ending is empty"
    done
    for word in '90 %' '50 %' 'rows 1 to 50, 6 steps ahead' 'a&lt;b&amp;c'; do
        grep -qF -e "$word" f.svg || wrong "the figure does not say: $word"
    done
    # The widest band comes first, joins on to row 50 and ends at row 56; the 49 values that are there are drawn.
    awk '/^\$band_1 / { on = 1; next } /^EOD/ { on = 0 } on && NF == 3 { print $1 }' f.gp | sed 1d | paste -sd' ' - | grep -qx '50 51 52 53 54 55 56' ||
        wrong "the first band is not over rows 50 to 56"
    grep -q "band_name\[1\] = '90 %'" f.gp || wrong "the widest band is not the first"
    [ "$(awk '/^\$series / { on = 1; next } /^EOD/ { on = 0 } on && NF == 2 && $2 != "NaN"' f.gp | wc -l)" -eq 49 ] || wrong "not all values are drawn"
    "$ALMANAC" forecast naive five.csv --horizon 9001 --plot far.svg --keep-script >/dev/null 2>&1 || wrong "9001 steps cannot be drawn"
    awk '/^\$mean / { on = 1; next } /^EOD/ { on = 0 } on && NF == 2 { n++; last = $1 } END { exit !(n > 2000 && n < 4010 && last == 9006) }' far.gp ||
        wrong "of 9001 steps not some thousands up to the last are drawn"
    for file in odd_*.csv; do
        "$ALMANAC" forecast naive "$file" --plot odd.svg >/dev/null 2>err || wrong "$file cannot be drawn: $(cat err)"
    done
    "$ALMANAC" forecast naive five.csv --plot nowhere/f.svg >out 2>err
    [ $? -eq 2 ] || wrong "a folder that is not there is not refused"
else
    echo "SKIP: gnuplot is not installed: no figure was drawn"
fi
exit "$failed"
