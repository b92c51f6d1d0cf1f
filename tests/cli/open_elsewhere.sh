#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# open_elsewhere: do ncdump, h5py, h5dump and xarray read our files, with the right values and names of dimensions?
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
END
else
    echo "SKIP: no python3 with h5py"
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
END
else
    echo "SKIP: no python3 with xarray and netCDF4 or h5netcdf"
fi

if [ "$checked" -eq 0 ]; then
    echo "SKIP: none of ncdump, h5dump, h5py, xarray is installed"
    exit 77
fi
exit "$failed"
