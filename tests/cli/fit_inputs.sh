#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# fit_inputs: does `almanac fit inputs` find the law that a table was made by, say why, and give its quantiles in text, JSON, CSV and a figure;
# is a table that is wrong, or an option that means nothing, refused with its name; is the predictor's choice the same?
#
# Meaning.  Tables are made by awk with a fixed seed: lognormal noise of 10 % about a power law, a step, or nothing.
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

# status WANTED COMMAND...: stdout in out, stderr in err.
status() {
    local wanted=$1 got
    shift
    timeout 60 "$ALMANAC" "$@" >out 2>err </dev/null
    got=$?
    [ "$got" -eq "$wanted" ] || wrong "$*: status $got, $wanted is right: $(head -3 err)"
}

says() {
    grep -qF -e "$1" err || wrong "not said: $1; but: $(cat err)"
    [ ! -s out ] || wrong "an error, yet stdout has: $(head -1 out)"
}

# value PATH: of the JSON in out, a string without quotes.
value() {
    awk -f "$SOURCE/scripts/json-paths.awk" out | awk -F '\t' -v path="$1" '$1 == path { gsub(/^"|"$/, "", $2); print $2 }'
}

is() {
    [ "$(value "$1")" = "$2" ] || wrong "$1 is $(value "$1"), not $2"
}

# near PATH WANT SHARE: within that share of it.
near() {
    value "$1" | awk -v want="$2" -v share="$3" '{ off = $1 / want - 1; good = off * off <= share * share } END { exit !good }' ||
        wrong "$1 is $(value "$1"), not $2 within $3"
}

made() { # LAW: an expression in size and kind
    awk -v seed=7 "function normal(   u, v) { u = 1 - rand(); v = rand(); return sqrt(-2 * log(u)) * cos(6.283185307179586 * v) }
        BEGIN { srand(seed); print \"size,other,kind,y\"
            for (i = 0; i < 400; i++) { size = exp(log(10) + 7 * rand()); other = rand(); kind = rand() < 0.5 ? \"a\" : \"b, c\"
                y = ($1) * exp(0.1 * normal())
                printf \"%.9g,%.9g,\\\"%s\\\",%.9g\\n\", size, other, kind, y } }"
}

# y = 3 size^0.8: log-linear, of the size alone. The 95 % quantile of the noise is exp(1.645 * 0.1) = 1.179.
made '3 * size ^ 0.8' >power.csv
status 0 fit inputs power.csv --response y --regressors size,other --format json
is schema almanac.fit/1
is model inputs
is response y
is family log-linear
is nobs 400
is folds 5
is quantiles.by size
near influence.size 1 0.05
cp out power.json
for i in 0 1 2 3 4; do
    cp power.json out
    median=$(value quantiles.at.$i | awk '{ print 3 * $1 ^ 0.8 }')
    near "quantiles.median.$i" "$median" 0.06
    near "quantiles.tau.$i" "$(echo "$median" | awk '{ print 1.179 * $1 }')" 0.08
done
# The rule by the printed numbers: behind = loss - the least loss; the chosen is the first that is no more behind than its error.
awk -f "$SOURCE/scripts/json-paths.awk" power.json | awk -F '\t' '
    $1 ~ /^candidates\.[0-9]+\.family$/ { split($1, p, "."); name[p[2]] = $2; n = p[2] + 1 }
    $1 ~ /^candidates\.[0-9]+\.loss$/ { split($1, p, "."); loss[p[2]] = $2 }
    $1 ~ /^candidates\.[0-9]+\.behind$/ { split($1, p, "."); behind[p[2]] = $2 }
    $1 ~ /^candidates\.[0-9]+\.standard_error$/ { split($1, p, "."); error[p[2]] = $2 }
    $1 == "family" { family = $2 } $1 == "best" { best = $2 }
    END { least = loss[0]; at = 0
        for (i = 1; i < n; i++) if (loss[i] < least) { least = loss[i]; at = i }
        first = -1
        for (i = 0; i < n; i++) { off = loss[i] - least - behind[i]; if (off * off > 1e-20) print "behind of " name[i]
            if (first < 0 && behind[i] <= error[i]) first = i }
        if (n != 6) print n " candidates"
        if (name[at] != best) print "the best is " name[at] ", not " best
        if (name[first] != family) print "the chosen is " name[first] ", not " family }' >rule
[ ! -s rule ] || wrong "the rule: $(cat rule)"

# Words: the same table with what decides it hidden in a category, with a comma in its name.
made 'kind == "a" ? 2 : 50' >words.csv
status 0 fit inputs words.csv --response y --regressors size,kind --categories kind --format json
near influence.kind 1 0.1
status 0 fit inputs words.csv --response y --regressors size --format json
is family constant
is influence.size 0.0
status 4 fit inputs words.csv --response y
says 'words.csv:2: column `kind`'
says '--categories'

# Nothing but noise is a constant, and text says so; CSV has the same numbers as JSON.
made 5 >noise.csv
status 0 fit inputs:tau=0.9 noise.csv --response y --regressors size,other
head -1 out | grep -qx constant || wrong "noise is: $(head -1 out)"
grep -q '^constant .* chosen$' out || wrong "the table does not mark the constant"
grep -q '^chosen: ' out && grep -q 'at 90%' out || wrong "text without a reason or the level"
status 0 fit inputs:tau=0.9 noise.csv --response y --regressors size,other --format json
loss=$(value candidates.0.loss)
status 0 fit inputs:tau=0.9 noise.csv --response y --regressors size,other --format csv
awk -F, -v want="$loss" '$1 == "loss of constant" { found = 1; off = $2 - want } END { exit !found || off * off > 1e-20 }' out ||
    wrong "the loss in CSV is not that of JSON, $loss"
grep -qx 'chosen is constant,1,' out || wrong "CSV does not say what was chosen"

# Few rows bear less than was asked for: n / (n + 1). A quoted header, Windows' ends of lines and a mark of byte order are no trouble.
printf '\xef\xbb\xbf"x, in MB",y\r\n1,2\r\n2,"4"\r\n3,NA\r\n4,8\r\nNaN,9\r\n' >few.csv
status 0 fit inputs few.csv --response y --format json
is nobs 4
is missing 1
near quantiles.stated 0.8 1e-9
status 0 fit inputs few.csv --response y
grep -q '4 rows bear 80%, not 95%' out || wrong "text does not say what four rows can bear"

# The predictor's way: a unit of a made trace, whose memory is linear in the size.
"$ALMANAC" generate -q invocations:codes=1,duration=2h,arrival.rate=0.1,input1.name=size,input1.law=lognormal,input1.mean=1e6,input1.cv=1,memory.on=size,memory.effect=linear,memory.intercept=0,memory.slope=1e-6 -o calls.h5 ||
    wrong "no trace"
"$ALMANAC" dump calls.h5 invocations --columns memory,input.size >calls.csv || wrong "no table"
status 0 fit inputs calls.csv --response memory --format json
case $(value family) in log-linear*) ;; *) wrong "memory linear in the size is $(value family)" ;; esac

# What means nothing is refused, and what was meant is suggested.
status 2 fit input power.csv
says 'did you mean `inputs`'
status 2 fit inputs:ta=0.9 power.csv
says 'did you mean `tau`'
status 2 fit inputs:tau=1 power.csv
says 'tau'
status 4 fit inputs power.csv --response z
says 'there is no column `z`'
status 4 fit inputs power.csv --response y --regressors sise
says 'did you mean `size`'
status 2 fit inputs power.csv --response y --regressors size --categories kind
says 'is not one of the regressors'
status 2 fit quantile-regression words.csv --response y --categories kind
says '--categories'
status 2 fit mean power.csv --column size --regressors other
says '--regressors'
status 2 fit inputs power.csv --response y --regressors size --diagnostics
says '--diagnostics'
status 2 fit mean power.csv --column size --plot f.svg
says '--plot'
status 2 forecast inputs power.csv --column y
says 'almanac fit'
printf 'y\n1\n2\n' >alone.csv
status 4 fit inputs alone.csv
says 'only column'
printf 'x,y\n1,NA\n2,-3\n' >none.csv
status 4 fit inputs none.csv --response y
says 'fewer than two values'

# Odd tables have an answer or an error: constant, tiny, huge, two rows, gaps, collinear.
odd() {
    awk -v law="$1" 'BEGIN { print "x,z,y"; n = law == "two" ? 2 : 40
        for (i = 0; i < n; i++) {
            x = i; y = i + 1
            if (law == "constant") x = y = 5
            if (law == "tiny") y = (i % 7) "e-305"
            if (law == "huge") { x = (i % 2 ? "-" : "") "1e308"; y = "1e308" }
            if (law == "gaps") { x = i % 2 ? "NA" : i; y = i % 3 ? "NA" : i }
            print x "," x "," y } }'
}
for law in constant tiny huge two gaps collinear; do
    odd "$law" >odd.csv
    status 0 fit inputs odd.csv --response y --format json
    grep -qiE 'nan|inf[^l]' out && wrong "$law: JSON with NaN or infinity"
    status 0 fit quantile-regression odd.csv --response y --format json
done

# The figure.
if command -v gnuplot >/dev/null; then
    for ending in svg png pdf; do
        "$ALMANAC" fit inputs power.csv --response y --regressors size --plot "f.$ending" --keep-script >out 2>err || wrong "no $ending: $(cat err)"
        [ -s "f.$ending" ] || wrong "f.$ending is empty"
    done
    for word in 'y given size, 400 rows: log-linear' '95 % quantile' median; do
        grep -qF -e "$word" f.svg || wrong "the figure does not say: $word"
    done
    [ "$(awk '/^\$points / { on = 1; next } /^EOD/ { on = 0 } on && $1 != "NaN"' f.gp | wc -l)" -eq 400 ] || wrong "not all rows are drawn"
    grep -q '^set logscale x' f.gp || wrong "a size that spans decades is not on an axis of logs"
    odd huge >odd.csv
    status 0 fit inputs odd.csv --response y --plot odd.svg
    status 2 fit inputs words.csv --response y --regressors kind --categories kind --plot none.svg
    grep -q 'no input is a number' err || wrong "a figure over words: $(cat err)"
else
    echo "SKIP: gnuplot is not installed: no figure was drawn"
fi
exit "$failed"
