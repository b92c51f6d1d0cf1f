#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# hostile_files: whatever the file, `info` and `simulate` say in one line what is wrong with it and end with status 4; a
# damaged file is never shown with other numbers than the good one had.
set -u
: "${ALMANAC:?the program}"
work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT
cd "$work" || exit 1
failed=0

# HDF5 1.10 loses memory of its own when it finds a damaged header.
echo 'leak:libhdf5' >suppressions
export LSAN_OPTIONS="suppressions=$work/suppressions:print_suppressions=0"

wrong()
{
    echo "FAILED: $*"
    failed=1
}

# refused FILE COMMAND...: status 4, nothing on stdout, one line on stderr that names FILE.
refused()
{
    file=$1
    shift
    "$ALMANAC" "$@" >out 2>err
    status=$?
    [ "$status" -eq 4 ] || wrong "$*: status $status, 4 is right: $(head -3 err)"
    [ ! -s out ] || wrong "$*: it printed something"
    [ "$(wc -l <err)" -eq 1 ] || wrong "$*: $(wc -l <err) lines on stderr: $(head -3 err)"
    grep -qF "$file" err || wrong "$*: $file is not named: $(cat err)"
}

awk 'BEGIN { print "time,unit,cpu,memory"
    for (u = 0; u < 5; u++) for (k = 0; k < 400; k++)
        printf "%d,vm-%d,%.4f,%d\n", k * 300, u, (k * 7919 % 1000) / 500, 4096 * (k * 104729 % 65536) }' >good.csv
"$ALMANAC" import csv good.csv -o good.h5 >/dev/null || exit 1
"$ALMANAC" info good.h5 | tail -n +2 >good.txt || exit 1
size=$(wc -c <good.h5)

# Missing, empty, foreign, a folder, cut short at many places.
: >empty.h5
cp good.csv text.h5
mkdir folder.h5
for name in missing.h5 empty.h5 text.h5 folder.h5; do
    refused "$name" info "$name"
done
for cut in 1 8 40 512 2048 5000 $((size / 2)) $((size - 1000)) $((size - 1)); do
    head -c "$cut" good.h5 >cut.h5
    refused cut.h5 info cut.h5
done
refused cut.h5 simulate -t cut.h5

# Flipped bits: refused, or where they lie between the parts, without consequence.
flipped=0
at=3
while [ "$at" -lt "$size" ]; do
    cp good.h5 flip.h5
    byte=$(od -An -tu1 -j "$at" -N 1 good.h5)
    printf "\\$(printf '%03o' $((byte ^ (1 << (at % 8)))))" | dd of=flip.h5 bs=1 seek="$at" conv=notrunc 2>/dev/null
    "$ALMANAC" info flip.h5 >out 2>err
    status=$?
    if [ "$status" -eq 0 ]; then
        tail -n +2 out | cmp -s - good.txt || wrong "byte $at: another text than that of the good file"
    elif [ "$status" -eq 4 ]; then
        flipped=$((flipped + 1))
        [ "$(wc -l <err)" -eq 1 ] && grep -q 'flip\.h5' err || wrong "byte $at: $(head -3 err)"
    else
        wrong "byte $at: status $status: $(head -3 err)"
    fi
    at=$((at + size / 97))
done
[ "$flipped" -ge 10 ] || wrong "only $flipped of 97 flipped bits were found"

# What only HDF5 itself can make.
python=
for candidate in python3 /usr/bin/python3; do
    [ -n "$python" ] || ! "$candidate" -c 'import h5py' 2>/dev/null || python=$candidate
done
if [ -z "$python" ]; then
    echo "SKIP: no python3 with h5py, so files with impossible shapes were not made"
else
    "$python" - <<'END' || exit 1
import h5py, numpy, shutil

def change(name):
    shutil.copy('good.h5', name)
    return h5py.File(name, 'r+')

with h5py.File('foreign.h5', 'w') as f:
    f['/usage/cpu'] = numpy.arange(3.0)
with change('huge.h5') as f:
    del f['/usage/time']
    f['/usage'].create_dataset('time', shape=(1 << 60,), chunks=(16384,), dtype='i8')
with change('wide.h5') as f:
    del f['/usage/cpu']
    f['/usage/cpu'] = numpy.zeros((2000, 2))
with change('type.h5') as f:
    del f['/usage/cpu']
    f['/usage/cpu'] = numpy.zeros(2000, 'f4')
with change('short.h5') as f:
    f['/usage/memory'].resize((1999,))
with change('link.h5') as f:
    del f['/usage/cpu']
    f['/usage/cpu'] = h5py.SoftLink('/nowhere')
with change('outside.h5') as f:
    del f['/usage/cpu']
    f['/usage/cpu'] = h5py.ExternalLink('good.h5', '/usage/cpu')
with change('negative.h5') as f:
    f['/usage/cpu'][777] = -1.0
with change('back.h5') as f:
    f['/usage/time'][3] = 0
with change('counts.h5') as f:
    f['/units/rows'][0] = 401
with change('many.h5') as f:
    f['/units/rows'][0] = 1 << 62
with change('group.h5') as f:
    del f['/usage/time']
    f.create_group('/usage/time')
with change('later.h5') as f:
    f.attrs['interval_ns'] = -5
END
    for name in foreign huge wide type short link outside negative back counts many group later; do
        refused "$name.h5" info "$name.h5"
    done
    refused negative.h5 simulate -t negative.h5
fi

# An import that is interrupted ends with 130 and leaves nothing.
awk 'BEGIN { print "time,unit,cpu"; for (k = 0; k < 3000000; k++) printf "%d,u,0.5\n", k }' >long.csv
mkdir out.d
interrupted=0
for delay in 0.05 0.1 0.2 0.4 0.8; do
    "$ALMANAC" import csv long.csv -o out.d/long.h5 >/dev/null 2>err &
    pid=$!
    sleep "$delay"
    kill -TERM "$pid" 2>/dev/null
    wait "$pid"
    status=$?
    if [ "$status" -eq 130 ]; then
        interrupted=1
        [ -z "$(ls -A out.d)" ] || wrong "an interrupted import left $(ls -A out.d)"
    elif [ "$status" -ne 0 ] && [ "$status" -ne 143 ]; then # 143: before it could listen
        wrong "interrupted after $delay s: status $status: $(head -3 err)"
    fi
    rm -f out.d/long.h5
done
[ "$interrupted" -eq 1 ] || wrong "no interrupt arrived in time"

exit "$failed"
