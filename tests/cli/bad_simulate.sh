#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# bad_simulate: what a person meets whose command, file or disk is not as it should be: the exit status (2 usage or
# configuration, 3 incomplete, 4 bad input), one line that says what and where, and nothing half-written.
set -uo pipefail

: "${ALMANAC:?the program}" "${SOURCE:?the root of the sources}"
work=$(mktemp -d)
mounted=
cleanup() {
    [ -z "$mounted" ] || umount "$mounted"
    rm -rf "$work"
}
trap cleanup EXIT
cd "$work" || exit 1
status=0
number=0

# HDF5 1.10 loses memory of its own when it finds a damaged header.
echo 'leak:libhdf5' >suppressions
export LSAN_OPTIONS="suppressions=$work/suppressions:print_suppressions=0"

wrong() {
    echo "FAILED: $1"
    status=1
}

# What is here: names of all files, hidden ones too.
listing() {
    find . -type f ! -name out ! -name err ! -name before ! -name after | LC_ALL=C sort
}

# try STATUS TEXT... -- COMMAND...: the command ends so, and its one line holds each TEXT. A usage error of the option
# parser adds lines that point to --help.
try() {
    local want=$1 got texts=() most=1
    shift
    while [ "$1" != -- ]; do
        texts+=("$1")
        shift
    done
    shift
    number=$((number + 1))
    listing >before
    "$@" >out 2>err
    got=$?
    [ "$got" -eq "$want" ] || wrong "$*: status $got, $want is right: $(head -n 3 err)"
    grep -q '^Try `' err && most=3
    [ "$(wc -l <err)" -le "$most" ] && [ -s err ] || wrong "$*: $(wc -l <err) lines on stderr: $(head -n 5 err)"
    head -n 1 err | grep -q '^almanac' || wrong "$*: the message does not say who speaks: $(head -n 1 err)"
    [ ! -s out ] || wrong "$*: it printed on stdout: $(head -n 2 out)"
    for text in "${texts[@]}"; do
        grep -qF -- "$text" err || wrong "$*: nothing says \"$text\": $(cat err)"
    done
    listing >after
    cmp -s before after || wrong "$*: files changed: $(diff before after | grep '^[<>]')"
}

"$ALMANAC" import csv "$SOURCE/traces/samples/web.csv" -o web.h5 >/dev/null || exit 1
"$ALMANAC" simulate -t web.h5 --predictor vpa --allocator envelope -o run.h5 >/dev/null || exit 1
simulate=("$ALMANAC" simulate -t web.h5 -o x.h5)
static=static:cpu=4,memory=8Gi

# -- usage and configuration
try 2 'which trace?' '-t FILE' -- "$ALMANAC" simulate
try 2 'web.h5' '-t' -- "$ALMANAC" simulate web.h5
try 2 'vap' 'did you mean `vpa`?' -- "${simulate[@]}" --predictor vap
try 2 'unknown allocator `nobody`' -- "${simulate[@]}" --allocator nobody
try 2 'unknown profiler `nobody`' -- "${simulate[@]}" --profiler nobody
try 2 'unknown calibrator `nobody`' -- "${simulate[@]}" --calibrator nobody
try 2 'unknown platform `nobody`' -- "${simulate[@]}" --platform nobody
try 2 'predictor vpa' 'bond' 'did you mean `bound`?' -- "${simulate[@]}" --predictor vpa:bond=upper
try 2 'bound' 'middle' 'target' -- "${simulate[@]}" --predictor vpa:bound=middle
try 2 'allocator envelope' 'margin' '-5%' -- "${simulate[@]}" --allocator envelope:margin=-5%
try 2 'allocator envelope' 'margin' 'much' -- "${simulate[@]}" --allocator envelope:margin=much
try 2 'allocator static' 'memory' '4Gb' -- "${simulate[@]}" --allocator static:cpu=1,memory=4Gb
try 2 'cpu' 'nan' -- "${simulate[@]}" --allocator static:cpu=nan,memory=4Gi
try 2 'control.intervall' 'did you mean `control.interval`?' -- "${simulate[@]}" --set control.intervall=5m
try 2 'control.interval' '0' -- "${simulate[@]}" --set control.interval=0
try 2 'control.interval' '-5m' -- "${simulate[@]}" --set control.interval=-5m
try 2 'control.batch' '0' -- "${simulate[@]}" --set control.batch=0
try 2 'control.on_error' 'maybe' 'stop' 'hold' -- "${simulate[@]}" --set control.on_error=maybe
try 2 'nowhere' -- "${simulate[@]}" --set nowhere=1
try 2 'PATH=VALUE' -- "${simulate[@]}" --set seed
try 2 'PATH=VALUE' -- "${simulate[@]}" --set =1
try 2 'platform simulated' 'coers' 'cores' -- "${simulate[@]}" --set platform.coers=2
try 2 'seed' 'one' -- "${simulate[@]}" --seed one
try 2 'threads' '0' -- "${simulate[@]}" --threads 0
try 2 'threads' '1025' -- "${simulate[@]}" --threads 1025
try 2 'xml' 'json' -- "${simulate[@]}" --format xml
try 2 'cgroup' -- "${simulate[@]}" --allocator "$static" --platform cgroup

# -- the trace
mkdir folder
cp "$SOURCE/traces/samples/web.csv" text.h5
: >empty.h5
printf '\211HDF\r\n\032\n' >start.h5
for name in missing.h5 folder text.h5 empty.h5 start.h5 text.h5/web.h5; do
    try 4 "$name" -- "$ALMANAC" simulate -t "$name" --allocator "$static" -o x.h5
done
try 4 'run.h5' 'trace' -- "$ALMANAC" simulate -t run.h5 --allocator "$static" -o x.h5
size=$(wc -c <web.h5)
for cut in 1 9 100 2000 $((size / 4)) $((size / 2)) $((size - 4096)) $((size - 1)); do
    head -c "$cut" web.h5 >cut.h5
    try 4 cut.h5 -- "$ALMANAC" simulate -t cut.h5 --allocator "$static" -o x.h5
done
# A file without its middle is as long as a good one: only its checksums can tell.
{
    head -c $((size / 2)) web.h5
    head -c 4096 /dev/zero
    tail -c $((size - size / 2 - 4096)) web.h5
} >hole.h5
try 4 hole.h5 -- "$ALMANAC" simulate -t hole.h5 --allocator "$static" -o x.h5

# -- the place of the run file
try 2 'nowhere/x.h5' -- "$ALMANAC" simulate -t web.h5 --allocator "$static" -o nowhere/x.h5
try 2 'text.h5/x.h5' -- "$ALMANAC" simulate -t web.h5 --allocator "$static" -o text.h5/x.h5
try 2 'folder' -- "$ALMANAC" simulate -t web.h5 --allocator "$static" -o folder
mkdir locked
chmod 500 locked
if [ -w locked ]; then # root writes everywhere but here
    [ -d /proc/1 ] && try 2 '/proc/1/x.h5' -- "$ALMANAC" simulate -t web.h5 --allocator "$static" -o /proc/1/x.h5
else
    try 2 'locked/x.h5' -- "$ALMANAC" simulate -t web.h5 --allocator "$static" -o locked/x.h5
fi
# An old file is untouched by a run that fails, and replaced as a whole by one that succeeds.
echo old >x.h5
try 2 'vap' -- "${simulate[@]}" --predictor vap
try 4 'cut.h5' -- "$ALMANAC" simulate -t cut.h5 --allocator "$static" -o x.h5
[ "$(cat x.h5)" = old ] || wrong "a failed run touched the old file"
"${simulate[@]}" --allocator "$static" >/dev/null || wrong "an old file is not replaced"
"$ALMANAC" info x.h5 >/dev/null || wrong "the replaced file is not good"
rm -f x.h5

# -- no room: a limit on the size of files, and a disk that is full
# shellcheck disable=SC2016
limited='ulimit -f 64; shift; exec "$0" "$@"'
try 3 x.h5 -- bash -c "$limited" "$ALMANAC" - simulate -t web.h5 --allocator "$static" -o x.h5
mkdir disk
if mount -t tmpfs -o size=128k none disk 2>/dev/null; then
    mounted=$work/disk
    try 3 disk/x.h5 -- "$ALMANAC" simulate -t web.h5 --allocator "$static" -o disk/x.h5
    [ -z "$(ls -A disk)" ] || wrong "on a full disk was left: $(ls -A disk)"
    umount disk && mount -t tmpfs -o size=24k none disk
    try 3 disk/x.h5 -- "$ALMANAC" import csv "$SOURCE/traces/samples/web.csv" -o disk/x.h5
    [ -z "$(ls -A disk)" ] || wrong "on a full disk was left: $(ls -A disk)"
    umount disk && mounted=
else
    echo "SKIP: a full disk was not tried: this user may not mount a tmpfs"
fi

# -- a place for the answer that takes none
answer=("$ALMANAC" simulate -t web.h5 --allocator "$static")
for format in text json csv; do
    "${answer[@]}" --format $format >/dev/full 2>err
    [ $? -eq 3 ] || wrong "--format $format to a full device is not status 3"
    [ "$(wc -l <err)" -eq 1 ] && grep -q 'standard output' err || wrong "--format $format to a full device: $(cat err)"
    "${answer[@]}" --format $format >&- 2>err
    [ $? -eq 3 ] || wrong "--format $format to a closed stdout is not status 3"
    [ "$(wc -l <err)" -eq 1 ] && grep -q 'standard output' err || wrong "--format $format to a closed stdout: $(cat err)"
done
for command in "info web.h5" "modules" "version" "dump run.h5 decisions" "dump web.h5 usage --format json"; do
    # shellcheck disable=SC2086
    "$ALMANAC" $command >/dev/full 2>err
    [ $? -eq 3 ] || wrong "$command to a full device is not status 3"
    [ "$(wc -l <err)" -eq 1 ] || wrong "$command to a full device: $(head -n 3 err)"
done
"$ALMANAC" dump run.h5 decisions 2>err | head -n 1 >/dev/null
[ "${PIPESTATUS[0]}" -eq 0 ] && [ ! -s err ] || wrong "a reader that had enough is no failure: $(cat err)"

# -- nothing is left
rm -rf before after out err
left=$(find . -name '.*' ! -name . -o -name 'x.*' | head)
[ -z "$left" ] || wrong "left behind: $left"
echo "$number cases"
exit "$status"
