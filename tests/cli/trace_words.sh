#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# trace_words: what people and programs read about traces and modules: do columns of text line up, are stored commands short
# enough to read and enough to repeat, are numbers those of the input, does nothing that was measured stay invisible?
set -uo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work" || exit 1
failures=0

fail() {
    echo "FAIL: $1"
    failures=$((failures + 1))
}

# aligned FILE PATTERN: in the lines of FILE that match PATTERN the second column begins at one place.
aligned() {
    local places
    places=$(grep -E "$2" "$1" | sed -E 's/^( *[^ ]+ +).*/\1/' | awk '{ print length($0) }' | sort -u | wc -l)
    [ "$places" -eq 1 ] || fail "$1: the second column of lines like \"$2\" begins at $places places"
}

"$ALMANAC" modules importer >importers.txt
aligned importers.txt '^  [a-z]'
"$ALMANAC" modules generator queue >queue.txt
aligned queue.txt '^  [a-z0-9.]+ +(text|integer|number|choice|duration|fraction) '
[ "$(awk 'length($0) > 180' queue.txt | wc -l)" -le 1 ] || fail 'lists of choices are told again and again'
grep -qE '^  service\.mean, \.cv, .*: as of arrival$' queue.txt || fail 'options of one more law are told one by one'
grep -qE '^  service\.law .*seconds of service.*\(as arrival\.law\)$' queue.txt || fail 'what service.law means'
"$ALMANAC" modules generator queue --format json | grep -q '"key": "station3.weights"' || fail 'JSON has not all options'

# Of unit b the middle row is missing: two rows that stand alone.
printf 'time,unit,cpu,memory\n60,a,0.1,4096\n120,a,0.1,4096\n180,a,0.1,4096\n60,b,0.3,8192\n180,b,0.7,4096\n' >t.csv
"$ALMANAC" import csv:interval=1m t.csv -o t.h5 >import.txt || fail 'the import'
aligned import.txt '^[a-z]'
grep -qF '1 gap of' import.txt || fail "one gap is \"$(grep gap import.txt)\""
"$ALMANAC" info t.h5 >info.txt
! grep -qE ' $' info.txt || fail 'lines of info end in blanks'
"$ALMANAC" info t.h5 --format json >info.json
grep -q '"p95": 0.69999999999999996' info.json && grep -q '"p95_to_max": 1.0' info.json || fail "p95 is not 0.7: $(grep p95 info.json)"
"$ALMANAC" plot t.h5 --resource cpu -o t.svg -k 2>err
[ -s t.gp ] || fail "no script of the figure: $(cat err)"
# b: the two rows as lines of one interval, 0 to 60 and 120 to 180 s.
awk '/^\$data/ { n++ } n == 2 && NF == 4 && $1 > -1e29 { print $1, $3 }' t.gp >drawn
printf '0 300\n60 300\n120 700\n180 700\n' >want
awk '{ printf "%.0f %.0f\n", $1, 1000 * $2 }' drawn | cmp -s - want || fail "rows alone: $(cat drawn)"
"$ALMANAC" plot t.h5 --from 5d -o u.svg 2>err
[ $? -eq 2 ] && grep -qF 'from 432000 s to 180 s there is nothing: the trace runs from 0 s to 180 s (3 minutes)' err ||
    fail "a range with nothing in it: $(cat err)"

# A stored command tells what differs from the defaults, and makes the same trace.
"$ALMANAC" generate queue:customers=50,service.law=erlang,service.shape=3,service.mean=0.5 --seed 6 -o q.h5 >generate.txt
aligned generate.txt '^[a-z]'
"$ALMANAC" info q.h5 --format json >q.json
command=$(sed -n 's/^ *"import_command": "almanac \(.*\)",$/\1/p' q.json)
[ "$command" = 'generate queue:customers=50,service.law=erlang,service.mean=0.5,service.shape=3 --seed 6' ] ||
    fail "the command is \"$command\""
# shellcheck disable=SC2086
"$ALMANAC" $command -q -o again.h5 && cmp -s q.h5 again.h5 || fail 'the command makes another trace'
awk '/"platform": \{/ { on = 1 } on && /"system": "queue"/ { found = 1 } END { exit !found }' q.json ||
    fail 'the platform is no JSON object'
grep -q '^platform  *{"schema": "almanac.platform/1"' <("$ALMANAC" info q.h5) || fail 'the platform is not shown'
! "$ALMANAC" info q.h5 | grep -q '^report' || fail 'something was read for a generated trace'

# Inputs are told by their words, a row an invocation, and not the list of words beside the first of them.
"$ALMANAC" generate -q invocations:duration=1h,arrival.rate=0.05,input1.name=kind,input1.words=up/down,input2.name=size,input2.law=uniform,input2.max=9 -o i.h5 ||
    fail 'invocations with inputs'
"$ALMANAC" dump i.h5 inputs >inputs.csv
[ "$(head -n 1 inputs.csv)" = 'time_s,unit,input.kind,input.size' ] || fail "columns of inputs: $(head -n 1 inputs.csv)"
[ "$(cut -d , -f 3 inputs.csv | tail -n +2 | sort -u | paste -sd ' ')" = 'down up' ] || fail "kinds: $(head -n 3 inputs.csv)"
"$ALMANAC" dump i.h5 invocations -c time_s,unit,input.kind,input.size | cmp -s - inputs.csv || fail 'inputs differ by table'
"$ALMANAC" dump q.h5 inputs >out 2>err
[ $? -eq 2 ] && grep -q 'no input parameters' err || fail "inputs of a trace without: $(cat err)"

# Rates alone are those of `piecewise`; who meant bursts must hear what is missing.
"$ALMANAC" generate invocations:duration=1h,arrival.rates=0.1/5 -o w.h5 2>err
[ $? -eq 2 ] && grep -q 'arrival.step is missing.*piecewise.*mmpp needs arrival.sojourns' err || fail "rates alone: $(cat err)"
[ "$failures" -eq 0 ]
