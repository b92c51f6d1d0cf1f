#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# behaviour: does function-level behaviour come through import, generate, info, dump and simulate?
set -u
: "${ALMANAC:?the program}"
: "${SOURCE:?the sources}"
work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT
cd "$work" || exit 1
failed=0

wrong()
{
    echo "FAILED: $*"
    failed=1
}

# same FILE WHAT: standard input and FILE are equal.
same()
{
    diff - "$1" || wrong "$2"
}

sample=$SOURCE/tests/samples/csv
"$ALMANAC" import csv "$sample/usage.csv" "$sample/usage.behaviour.csv" -o t.h5 >report.txt || exit 1
grep -q '^rows        30 read, 30 kept, 0 dropped$' report.txt || wrong "the report says other counts: $(cat report.txt)"
grep -q '^behaviour   6 records of 3 functions$' report.txt || wrong "the report says no behaviour: $(cat report.txt)"
"$ALMANAC" dump t.h5 behaviour >seen.csv || wrong "dump fails"
same seen.csv "dump shows other behaviour" <<'END'
time_s,span_s,unit,function,calls,cpu_share,allocations,allocated,read_bytes,mix_loads,mix_floats
300,300,web,,,1,5200,1331200,20480,0.28,0.03
300,300,web,handle,412,0.61,4100,1049600,0,0.31,0.01
300,300,web,"encode<int, 4>",96,0.27,1100,281600,20480,0.22,0.09
600,300,web,,,1,4900,1254400,16384,0.29,0.02
600,300,web,handle,388,0.66,4000,1024000,0,0.31,0.01
300,300,"db, ""main""",scan,18,0.8,40,655360,4194304,0.41,
END
"$ALMANAC" dump t.h5 behaviour -u web -c time_s,function,calls -f json | tr -d ' \n' >seen.json
printf '%s%s%s' '{"schema":"almanac.dump/1","table":"behaviour","rows":[{"time_s":300,"function":"","calls":null},' \
    '{"time_s":300,"function":"handle","calls":412},{"time_s":300,"function":"encode<int,4>","calls":96},' \
    '{"time_s":600,"function":"","calls":null},{"time_s":600,"function":"handle","calls":388}]}' |
    same seen.json "dump as JSON shows other behaviour"
"$ALMANAC" info t.h5 >info.txt || wrong "info fails"
for want in '^behaviour       6 records of 2 units and 3 functions$' '^over            5m a record$' \
    '^most called       87.53%  handle$' '^calls            1            228.5          412   33.33%$'; do
    grep -q "$want" info.txt || wrong "info lacks '$want': $(cat info.txt)"
done
"$ALMANAC" info t.h5 -f json | tr -d ' \n' | grep -q '"most_called":\[{"name":"handle","count":800,' ||
    wrong "info as JSON lacks what is called most"

# What was dumped is imported as it was.
"$ALMANAC" dump t.h5 behaviour | sed '1s/time_s,span_s/time,span/' >again.behaviour.csv
"$ALMANAC" import csv "$sample/usage.csv" again.behaviour.csv -o again.h5 >/dev/null || wrong "a dump is not imported"
"$ALMANAC" dump again.h5 behaviour | cmp - seen.csv || wrong "a dump is imported as something else"

# A duplicate is dropped and counted; records of a unit without usage too.
printf 'time,span,unit,calls\n300,300,web,1\n300,300,web,2\n300,300,nobody,3\n' >x.behaviour.csv
"$ALMANAC" import csv "$sample/usage.csv" x.behaviour.csv -o x.h5 >report.txt || wrong "an import fails"
grep -q 'dropped     1 x duplicate behaviour of a function: first kept; first: unit web at 300.000 s' report.txt ||
    wrong "no duplicate was counted: $(cat report.txt)"
grep -q 'dropped     1 x behaviour of a unit without rows and invocations; first: unit nobody' report.txt ||
    wrong "no unit was left out: $(cat report.txt)"
"$ALMANAC" dump x.h5 behaviour -c calls | tr '\n' ' ' | grep -qx 'calls 1 ' || wrong "another record was kept"

# Asking for behaviour changes no row; without it there is none.
"$ALMANAC" generate -q usage:units=2,duration=1h -o plain.h5 --seed 3 || exit 1
"$ALMANAC" generate usage:units=2,duration=1h,behaviour.functions=3 -o more.h5 --seed 3 >report.txt || exit 1
grep -q '^behaviour   480 records of 3 functions$' report.txt || wrong "other records: $(cat report.txt)"
"$ALMANAC" dump plain.h5 usage >plain.csv
"$ALMANAC" dump more.h5 usage | cmp - plain.csv || wrong "behaviour changed the usage"
"$ALMANAC" simulate -q -t more.h5 --predictor last --allocator envelope -o run.h5 >/dev/null || wrong "simulate fails"
"$ALMANAC" simulate -q -t more.h5 --predictor last --allocator envelope -o two.h5 --threads 2 >/dev/null
cmp run.h5 two.h5 || wrong "two threads make another run"

# refused STATUS WORD ARGUMENTS...: the program ends with STATUS and says WORD.
refused()
{
    status=$1
    word=$2
    shift 2
    "$ALMANAC" "$@" >out.txt 2>err.txt
    got=$?
    [ "$got" -eq "$status" ] || wrong "$*: ends with $got, not $status"
    grep -q "$word" err.txt || wrong "$*: does not say '$word' but: $(cat err.txt)"
}
refused 2 'has no behaviour' dump plain.h5 behaviour
refused 2 'no unit "nobody"' dump t.h5 behaviour -u nobody
refused 2 'read_byts' dump t.h5 behaviour -c read_byts
refused 4 'not one usable row' import csv again.behaviour.csv -o no.h5
exit "$failed"
