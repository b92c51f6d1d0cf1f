#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# invocations: does a trace of executions alone come through import, dump and simulate, with what is known of each?
set -u
: "${ALMANAC:?the program}"
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

# The third job came before the second.
cat >jobs.swf <<'END'
; UnixStartTime: 1000000000
1 0 10 100 4 90 2048 4 200 -1 1 3 -1 7 -1 -1 -1 -1
2 5 -1 50 2 -1 -1 2 -1 -1 1 4 -1 8 -1 -1 -1 -1
3 3 0 7 1 6.5 1024 1 10 -1 0 3 -1 7 -1 -1 -1 -1
END
"$ALMANAC" import swf jobs.swf -o jobs.h5 >report.txt || exit 1
grep -q '^rows        3 read, 3 kept, 0 dropped$' report.txt || wrong "the report says other counts: $(cat report.txt)"
grep -q '^invocations 3: duration, wait, work, parallelism, memory, .*failed; 4 inputs$' report.txt ||
    wrong "the report says other invocations: $(cat report.txt)"
! grep -q '^columns\|^interval' report.txt || wrong "the report speaks of usage"
"$ALMANAC" import swf jobs.swf -o jobs.h5 -f json >report.json || exit 1
for want in '"invocations": 3' '"inputs": 4' '"rows": 0' '"fields": \['; do
    grep -q "$want" report.json || wrong "the report as JSON lacks $want"
done

columns=time_s,unit,duration,wait,work,memory,failed,input.user,input.requested_time
"$ALMANAC" dump jobs.h5 invocations -c "$columns" >seen.csv || wrong "dump fails"
same seen.csv "dump shows other invocations" <<'END'
time_s,unit,duration,wait,work,memory,failed,input.user,input.requested_time
1000000000,executable_7,100,10,360,8388608,0,3,200
1000000003,executable_7,7,0,6.5,1048576,1,3,10
1000000005,executable_8,50,,,,0,4,
END
"$ALMANAC" dump jobs.h5 invocations -c unit,wait,input.user -u executable_8 -f json | tr -d ' \n' >seen.json
echo '{"schema":"almanac.dump/1","table":"invocations","rows":[{"unit":"executable_8","wait":null,"input.user":"4"}]}' |
    tr -d ' \n' | same seen.json "dump as JSON shows other invocations"
"$ALMANAC" dump jobs.h5 units -c name,rows,invocations,first_s,last_s >seen.csv || wrong "dump of units fails"
same seen.csv "dump shows other units" <<'END'
name,rows,invocations,first_s,last_s
executable_7,0,2,1000000000,1000000003
executable_8,0,1,1000000005,1000000005
END

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
refused 2 'invocations alone' simulate -q -t jobs.h5 --set workload=usage -o run.h5
[ ! -e run.h5 ] || wrong "a refused simulation left a file"
refused 2 'no unit "executable_9"' dump jobs.h5 invocations -u executable_9
refused 2 'input.user' dump jobs.h5 invocations -c input.use
refused 2 'is for table decisions' dump jobs.h5 invocations --changes
printf 'time,unit,cpu\n1,a,1\n2,a,1\n' >usage.csv
"$ALMANAC" import csv usage.csv -o usage.h5 >/dev/null || exit 1
refused 2 'has no invocations' dump usage.h5 invocations
refused 2 'has no invocations' simulate -q -t usage.h5 --set workload=invocations
refused 2 'has no invocations' simulate -q -t usage.h5 --set workload=both
exit "$failed"
