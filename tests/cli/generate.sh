#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# generate: are equal specifications and seeds equal bytes, however they are spelt? Does a wrong one say where?
work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT
cd "$work" || exit 1
failures=0
fail()
{
    echo "FAILED: $1"
    [ -f err ] && cat err
    failures=$((failures + 1))
}
generate()
{
    "$ALMANAC" generate "$@" >out 2>err
}

printf 'generator: usage\nseed: 3\nunits: 2\nduration: 1d\ncpu:\n  base: 500m\n  diurnal: {amplitude: 20%%}\n' >a.yaml
generate a.yaml -o a.h5 || fail 'a YAML specification'
generate usage:units=2,duration=24h,cpu.base=0.5,cpu.diurnal.amplitude=0.2,seed=3 -o b.h5 || fail 'an inline one'
generate usage --set units=2 --set duration=1440m --set cpu.base=0.5 --set cpu.diurnal.amplitude=20% --seed 3 -o c.h5 ||
    fail 'one of --set'
generate a.yaml --seed 4 -o d.h5 || fail 'another seed'
cmp -s a.h5 b.h5 || fail 'inline and YAML differ'
cmp -s a.h5 c.h5 || fail '--set and YAML differ'
cmp -s a.h5 d.h5 && fail 'another seed makes the same trace'
generate a.yaml --format json -o a.h5 && grep -q '"rows": 576' out || fail 'the summary as JSON'

# The command that a trace stores makes the same trace again.
command=$("$ALMANAC" info --format json a.h5 | sed -n 's/.*"import_command": "almanac \([^"]*\)".*/\1/p')
if [ -n "$command" ]; then
    # shellcheck disable=SC2086
    "$ALMANAC" $command -o again.h5 >/dev/null && cmp -s a.h5 again.h5 || fail 'the stored command makes another trace'
else
    fail 'no command is stored'
fi

printf 'generator: usage\nunts: 2\nunits: 1\nunits: 2\ncpu: {base: fast}\n' >wrong.yaml
generate wrong.yaml -o w.h5
[ $? -eq 2 ] || fail 'a wrong specification is not status 2'
for text in 'wrong.yaml:2:1: ' 'did you mean `units`?' 'wrong.yaml:4:1: the key `units` was given before, in line 3' \
    'wrong.yaml:5:7: ' 'wrong.yaml: 3 problems'; do
    grep -qF -- "$text" err || fail "nothing says \"$text\""
done
[ ! -e w.h5 ] || fail 'a wrong specification leaves a file behind'
generate nothing.yaml -o w.h5
[ $? -eq 4 ] || fail 'a missing specification is not status 4'
generate usag -o w.h5
[ $? -eq 2 ] && grep -qF 'did you mean `usage`?' err || fail 'an unknown generator'
generate usage --seed=-1 -o w.h5
[ $? -eq 2 ] || fail 'a negative seed'
generate usage:units=1 -o /nonexistent/w.h5
[ $? -eq 2 ] || fail 'a place that is not there'
[ "$failures" -eq 0 ]
