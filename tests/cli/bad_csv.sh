#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# bad_csv: what a person meets who imports a file that is not as it should be. For each: the exit status (4 bad input,
# 2 wrong options, 0 with a report where the file can be mended), one clear message with file and row, no file left
# behind on failure, and no other noise.
work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT
cd "$work" || exit 1
failures=0
number=0

complain()
{
    echo "FAILED: $1"
    echo "--- stdout"; cat out
    echo "--- stderr"; cat err
    failures=$((failures + 1))
}

# try NAME STATUS FORMAT TEXT...: import bad.csv and look for each TEXT in what is said.
try()
{
    name=$1 want=$2 format=$3
    shift 3
    number=$((number + 1))
    rm -f t.h5
    "$ALMANAC" import "$format" bad.csv -o t.h5 >out 2>err
    status=$?
    [ "$status" -eq "$want" ] || complain "$name: exit status $status, expected $want"
    if [ "$want" -eq 0 ]; then
        [ -s t.h5 ] || complain "$name: no trace file"
    else
        [ ! -e t.h5 ] || complain "$name: a trace file was left behind"
        [ "$(wc -l <err)" -eq 1 ] || complain "$name: not one message but $(wc -l <err) lines"
        grep -q '^almanac: ' err || complain "$name: the message does not say who speaks"
    fi
    for file in * .[!.]*; do
        case $file in
        bad.csv | out | err | t.h5 | '.[!.]*') ;;
        *) complain "$name: left behind: $file" ;;
        esac
    done
    for text in "$@"; do
        cat out err | grep -qF -- "$text" || complain "$name: nothing says \"$text\""
    done
}

header='time,unit,cpu,memory'

# -- mended, and reported
printf '%s\n300,a,1,1\n900,a,1,1\n600,a,1,1\n' "$header" >bad.csv
try 'backward times' 0 csv '3 read, 3 kept'
printf '%s\n300,a,1,1\n300,a,2,2\n600,a,1,1\n' "$header" >bad.csv
try 'duplicate times' 0 csv '3 read, 2 kept, 1 dropped' 'duplicate'
printf '%s\n300,a,1,1\n600,a,1,1\n900,a,1,1\n90000,a,1,1\n' "$header" >bad.csv
try 'a gap' 0 csv '4 read, 4 kept, 0 dropped' '1 gap'
printf '%s\n300,a,NaN,1\n600,a,1,nan\n900,a,,-\n' "$header" >bad.csv
try 'missing values' 0 csv '3 read, 3 kept'
printf '%s\r\n300,a,1,1\r\n600,a,1,1\r\n' "$header" >bad.csv
try 'CRLF' 0 csv '2 read, 2 kept, 0 dropped'
printf '%s\n300,a,1,1\n600,a,1,1' "$header" >bad.csv
try 'no final newline' 0 csv '2 read, 2 kept, 0 dropped'
{ printf '%s,note\n300,a,1,1,' "$header"; head -c 1000000 /dev/zero | tr '\0' x; printf '\n600,a,1,1,short\n'; } >bad.csv
try 'a line of 1 MB' 0 csv '2 read, 2 kept, 0 dropped' 'Columns not read: `note`'
printf '%s\n300,"it'\''s ""a"" `b`, c",1,1\n600,"it'\''s ""a"" `b`, c",1,1\n' "$header" >bad.csv
try 'quotes and backquotes in a name' 0 csv 'units       1'
printf '%s\n300,a\007b,1,1\n600,a\007b,1,1\n' "$header" >bad.csv
try 'a control character in a name' 0 csv 'units       1' 'unprintable bytes' 'bad.csv:2'
printf '%s\n300,a,x,1\n600,a,-1,1\n900,a,1e999,1\n1200,a\n1500,a,1,1\n' "$header" >bad.csv
try 'bad rows dropped on request' 0 csv:bad=drop '5 read, 1 kept, 4 dropped' 'not a number; first: bad.csv:2' \
    'negative usage; first: bad.csv:3' 'value too large; first: bad.csv:4' 'too few fields; first: bad.csv:5'

# -- bad input
printf '%s\n300,a,1,1\n600,a,1e999,1\n' "$header" >bad.csv
try '1e999' 4 csv 'bad.csv:3: column `cpu`: `1e999` is too large'
printf '%s\n300,a,1,1\n600,a,1,1e15\n' "$header" >bad.csv
try 'a huge number' 4 csv 'bad.csv:3: column `memory`: `1e15` is too large' 'memory_unit='
printf '%s\n300,a,99999999999999999999999,1\n' "$header" >bad.csv
try 'a huge number of cores' 4 csv 'bad.csv:2: column `cpu`' 'too large'
printf '%s\n300,a,1,1\n600,a,-0.5,1\n' "$header" >bad.csv
try 'negative usage' 4 csv 'bad.csv:3: column `cpu`: `-0.5` is negative'
printf '%s\n300,a,one,1\n' "$header" >bad.csv
try 'a word for a number' 4 csv 'bad.csv:2: column `cpu`: `one` is not a number'
printf 'tmie,unit,cpu\n300,a,1\n' >bad.csv
try 'no time column' 4 csv 'bad.csv:1: no column `time`' 'did you mean `tmie`?' 'time=NAME or time=NUMBER'
printf 'time,unit,load\n300,a,1\n' >bad.csv
try 'no resource column' 4 csv 'bad.csv:1: no column of any resource' '`load`' 'cpu=NAME'
printf 'time,unti,cpu\n300,a,1\n' >bad.csv
try 'a misspelt unit column' 4 csv 'bad.csv:1: no column `unit`, but `unti` looks like it'
printf '%s\n300,a,1,1\n600,a\n' "$header" >bad.csv
try 'a row cut off' 4 csv 'bad.csv:3: the row has 2 fields'
printf '%s\nyesterday,a,1,1\n' "$header" >bad.csv
try 'a word for a time' 4 csv 'bad.csv:2: column `time`: `yesterday` is not a time'
printf '%s\n1376314846000,a,1,1\n' "$header" >bad.csv
try 'milliseconds taken for seconds' 4 csv 'bad.csv:2' 'time_format=ms'
: >bad.csv
try 'an empty file' 4 csv 'bad.csv: no rows: empty file'
printf '%s\n' "$header" >bad.csv
try 'only a header' 4 csv 'bad.csv: no rows: a header without rows'
head -c 4096 /dev/zero >bad.csv
try 'zeros' 4 csv 'bad.csv:1: a NUL byte'
printf '\177ELF\002\001\001\n\377\376\001\002\n' >bad.csv
try 'binary garbage' 4 csv 'bad.csv:1: no column `time`; the header has `\x7fELF'
printf '\037\213\010\000\000' >bad.csv
try 'a compressed file that is cut off' 4 csv 'bad.csv: the packed file ends before its end'
printf 'PK\003\004' >bad.csv
try 'an archive' 4 csv 'bad.csv: is a zip archive'
printf '%s\n300,"a,1,1\n600,b,1,1\n' "$header" >bad.csv
try 'a quote never closed' 4 csv 'bad.csv:2: a quote is opened in this row and never closed'
printf '%s\n300,,1,1\n' "$header" >bad.csv
try 'an empty name' 4 csv 'bad.csv:2: the name of the unit is empty'
{ printf '%s\n300,' "$header"; head -c 300 /dev/zero | tr '\0' n; printf ',1,1\n'; } >bad.csv
try 'a name of 300 bytes' 4 csv 'bad.csv:2: the name of the unit' 'longer than 127 bytes'
printf '1\n2\n300\n' >bad.csv
try 'planetlab beyond 100' 4 planetlab 'bad.csv:3: `300` is not one number from 0 to 100'
printf 'a;b\n1;2\n' >bad.csv
try 'bitbrains of another kind' 4 bitbrains 'bad.csv:1: no column `Timestamp [ms]`'
rm -f bad.csv
try 'no such file' 4 csv 'bad.csv'

# -- wrong options
printf '%s\n300,a,1,1\n' "$header" >bad.csv
try 'an unknown option' 2 csv:seperator=tab 'unknown key `seperator`, did you mean `separator`?'
try 'an unknown importer' 2 cvs 'unknown importer `cvs`, did you mean `csv`?'
try 'a wrong choice' 2 csv:layout=tall '`tall` is not one of long|wide'
try 'percent of nothing' 2 csv:memory_unit=percent 'memory_capacity='
try 'a column that is not there' 4 csv:cpu=9 'cpu=9, but the row has 4 columns'

echo "$number cases, $failures failures"
[ "$failures" -eq 0 ]
