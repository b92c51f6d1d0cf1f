#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# open_elsewhere: do ncdump, h5py, h5dump, netCDF4, xarray and GNU Octave read our files, with the right values and names of
# dimensions?
set -u
: "${ALMANAC:?the program}"
work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT
cd "$work" || exit 1
failed=0
checked=0

wrong()
{
    echo "FAILED: $*"
    failed=1
}

# A calendar, two units, a missing value, a name that is not ASCII.
cat >usage.csv <<'END'
time,unit,cpu,memory
1700000100,näme,0.25,4096
1700000400,näme,0.5,
1700000100,b,1.5,8192
1700000400,b,2.5,12288
1700000700,b,3.5,16384
END
"$ALMANAC" import csv usage.csv -o a.h5 --title 'a µ title' >/dev/null || exit 1
"$ALMANAC" import csv usage.csv -o again.h5 --title 'a µ title' >/dev/null || exit 1
cmp a.h5 again.h5 || wrong "the same input gave other bytes"

# Three jobs of two codes: invocations with fields, numbers and categories as inputs, and what is missing of each.
cat >jobs.swf <<'END'
; UnixStartTime: 1000000000
1 0 10 100 4 90 2048 4 200 4096 1 3 1 7 1 1 -1 -1
2 5 -1 50 2 -1 -1 2 100 -1 1 4 1 8 2 1 -1 -1
3 3 0 7 1 6.5 1024 1 10 -1 0 3 1 7 1 1 -1 -1
END
"$ALMANAC" import swf jobs.swf -o jobs.h5 >/dev/null || exit 1

if command -v ncdump >/dev/null; then
    checked=1
    ncdump -h a.h5 >head.txt || wrong "ncdump -h fails"
    for want in 'row = UNLIMITED ; // (5 currently)' 'unit = UNLIMITED ; // (2 currently)' 'double cpu(row)' \
        'int64 memory(row)' 'string name(unit)' 'Conventions = "CF-1.8"' 'title = "a µ title"' \
        'sample_dimension = "/usage/row"' 'nanoseconds since 1970-01-01 00:00:00 UTC'; do
        grep -qF "$want" head.txt || wrong "ncdump -h does not show: $want"
    done
    ! grep -q 'phony\|float row\|float unit' head.txt || wrong "ncdump takes a dimension for something else"
    ncdump -v memory a.h5 | grep -q 'memory = 4096, _, 8192, 12288, 16384' || wrong "ncdump shows other values"
    ncdump -h jobs.h5 >head.txt || wrong "ncdump -h fails on invocations"
    for want in 'invocation = UNLIMITED ; // (3 currently)' 'int64 arrival(invocation)' 'uint unit(invocation)' \
        'double duration(invocation)' 'int64 memory(invocation)' 'uint user(invocation)' 'string user_words(user_words)' \
        'instance_dimension = "/units/unit"' 'user:long_name = "row of /inputs/user_words, from 0"' \
        'wait:units = "s"' 'int64 invocations(unit)'; do
        grep -qF "$want" head.txt || wrong "ncdump -h does not show of invocations: $want"
    done
    ! grep -q 'phony\|float invocation\|float unit' head.txt || wrong "ncdump takes a dimension for something else"
    ncdump -v /invocations/memory jobs.h5 | grep -q 'memory = 8388608, 1048576, _' || wrong "ncdump shows other memory"
    ncdump -v /inputs/user_words jobs.h5 | grep -q 'user_words = "3", "4"' || wrong "ncdump shows other words"
    ncdump -v name a.h5 | grep -q 'name = "näme", "b"' || wrong "ncdump shows other names"
else
    echo "SKIP: ncdump is not installed"
fi

if command -v h5dump >/dev/null; then
    checked=1
    h5dump -d /usage/cpu a.h5 | grep -q '(0): 0.25, 0.5, 1.5, 2.5, 3.5' || wrong "h5dump shows other values"
else
    echo "SKIP: h5dump is not installed"
fi

# with MODULE: a python3 that has it, on stdout.
with()
{
    for candidate in python3 /usr/bin/python3; do
        "$candidate" -c "import $1" 2>/dev/null && echo "$candidate" && return
    done
}

python=$(with h5py)
if [ -n "$python" ]; then
    checked=1
    "$python" - <<'END' || wrong "h5py sees something else"
import h5py, math
f = h5py.File('a.h5')
def same(a, b):
    assert a == b, (a, b)
same(f.attrs['almanac_format'], 'trace/1')
same(f.attrs['title'], 'a µ title')
same(len(f.attrs['source_sha256']), 64)
same([n.decode() for n in f['/units/name'][:]], ['näme', 'b'])
same(list(f['/units/rows'][:]), [2, 3])
same(list(f['/usage/cpu'][:]), [.25, .5, 1.5, 2.5, 3.5])
same(list(f['/usage/memory'][:]), [4096, f['/usage/memory'].attrs['_FillValue'], 8192, 12288, 16384])
same(f['/usage/time'][0], 1700000100 * 10**9)
same(f['/usage/cpu'].compression, 'gzip')
same((f['/usage/cpu'].shuffle, f['/usage/time'].shuffle), (False, True))
same(f['/usage/cpu'].dims[0][0].name, '/usage/row')
assert all(math.isnan(v) for v in f['/units/cores'][:])
j = h5py.File('jobs.h5')
assert '/usage' not in j
same(list(j['/units/invocations'][:]), [2, 1])
same(list(j['/units/rows'][:]), [0, 0])
same([t - 10**18 for t in j['/invocations/arrival'][:]], [0, 3 * 10**9, 5 * 10**9])
same(list(j['/invocations/unit'][:]), [0, 0, 1])
same(list(j['/invocations/duration'][:]), [100, 7, 50])
same([None if math.isnan(v) else v for v in j['/invocations/work'][:]], [360, 6.5, None])
fill = j['/invocations/memory'].attrs['_FillValue']
same((list(j['/invocations/memory'][:]), fill), ([8 << 20, 1 << 20, fill], -2**63))
words = [w.decode() for w in j['/inputs/user_words'][:]]
same([words[k] for k in j['/inputs/user'][:]], ['3', '3', '4'])
same(j['/inputs/user'].attrs['_FillValue'], 2**32 - 1)
for column in '/invocations/unit', '/invocations/duration', '/inputs/processors', '/inputs/user':
    same(j[column].dims[0][0].name, '/invocation')
END
else
    echo "SKIP: no python3 with h5py"
fi

python=$(with netCDF4)
if [ -n "$python" ]; then
    checked=1
    "$python" - <<'END' || wrong "netCDF4 sees something else"
import netCDF4, numpy
d = netCDF4.Dataset('jobs.h5')
assert list(d.dimensions) == ['invocation'] and len(d.dimensions['invocation']) == 3, d.dimensions
for name in 'invocations/work', 'inputs/processors', 'inputs/user':
    assert d[name].dimensions == ('invocation',), (name, d[name].dimensions)
assert list(d['invocations/work'][:2]) == [360, 6.5] and d['invocations/work'][:].mask[2]
assert list(d['invocations/memory'][:2]) == [8 << 20, 1 << 20] and d['invocations/memory'][:].mask[2]
assert list(d['inputs/processors'][:]) == [4, 1, 2] and d['inputs/processors'].units == '1'
assert [d['inputs/user_words'][k] for k in d['inputs/user'][:]] == ['3', '3', '4']
END
else
    echo "SKIP: no python3 with netCDF4"
fi

python=$(with 'xarray, netCDF4')
[ -n "$python" ] || python=$(with 'xarray, h5netcdf')
if [ -n "$python" ]; then
    checked=1
    "$python" - <<'END' || wrong "xarray sees something else"
import xarray, numpy
d = xarray.open_dataset('a.h5', group='usage')
assert d.cpu.dims == ('row',), d.cpu.dims
assert d.time.values[0] == numpy.datetime64('2023-11-14T22:15:00'), d.time.values[0]
assert numpy.isnan(d.memory.values[1]) and d.memory.values[4] == 16384
v, i = (xarray.open_dataset('jobs.h5', group=g) for g in ('invocations', 'inputs'))
assert v.wait.dims == i.user.dims == ('invocation',), (v.wait.dims, i.user.dims)
assert list(v.arrival.values - numpy.datetime64('2001-09-09T01:46:40')) == [0, 3 * 10**9, 5 * 10**9], v.arrival.values
assert list(v.wait.values[:2]) == [10, 0] and numpy.isnan(v.wait.values[2])
assert [i.user_words.values[int(k)] for k in i.user.values] == ['3', '3', '4'], i.user.values
END
else
    echo "SKIP: no python3 with xarray and netCDF4 or h5netcdf"
fi

# Its load knows no text of variable length, so it reads the groups without text.
if command -v octave-cli >/dev/null; then
    checked=1
    octave-cli --no-init-file --quiet --eval "
        u = load('a.h5', 'usage').usage; v = load('jobs.h5', 'invocations').invocations;
        printf('%g ', u.cpu, v.duration, v.unit, v.memory(1:2)); printf('%s\n', class(v.arrival));" >seen.txt 2>octave.txt
    [ "$(cat seen.txt)" = "0.25 0.5 1.5 2.5 3.5 100 7 50 0 0 1 8.38861e+06 1.04858e+06 int64" ] ||
        wrong "Octave sees: $(cat seen.txt octave.txt)"
else
    echo "SKIP: octave-cli is not installed"
fi

if [ "$checked" -eq 0 ]; then
    echo "SKIP: none of ncdump, h5dump, h5py, netCDF4, xarray, Octave is installed"
    exit 77
fi
exit "$failed"
