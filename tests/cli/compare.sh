#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# compare: a small experiment from its specification to its ranked table and through the gate: is every form valid, is a planted
# regression found, and is nothing that cannot be compared let pass?
set -u
: "${ALMANAC:?the program}"
work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT
cd "$work" || exit 1
failed=0
unset GITHUB_ACTIONS

wrong()
{
    echo "FAILED: $*"
    failed=1
}

# status WANTED COMMAND...: stdout in out, stderr in err.
status()
{
    wanted=$1
    shift
    "$ALMANAC" "$@" >out 2>err
    got=$?
    [ "$got" -eq "$wanted" ] || wrong "$*: status $got, $wanted is right: $(head -3 err) $(head -20 out)"
}

# prints TEXT, says TEXT: the last command did, on stdout, on stderr.
prints()
{
    grep -qF -e "$1" out || wrong "not printed: $1; but: $(head -30 out)"
}

says()
{
    grep -qF -e "$1" err || wrong "not said: $1; but: $(cat err)"
}

# valid json|xml FILE: checked where python3 is.
valid()
{
    command -v python3 >/dev/null 2>&1 || { echo "SKIP: no python3: $2 is not parsed"; return; }
    case $1 in
    json) python3 -c 'import json, sys; json.load(open(sys.argv[1]))' "$2" ;;
    xml) python3 -c 'import sys, xml.etree.ElementTree as x; x.parse(sys.argv[1])' "$2" ;;
    esac || wrong "$2 is no $1: $(head -5 "$2")"
}

awk 'BEGIN { print "time,unit,cpu,memory"
    for (u = 0; u < 12; u++) for (k = 1; k <= 400; k++)
        printf "%d,vm-%d,%.4f,%d\n", k * 300, u, (2 + u) * (1.1 + sin(k / 46)) * (0.8 + (k * 7919 * (u + 1) % 1000) / 2500),
            1e9 + 4e8 * sin(k / 91) }' >t.csv
status 0 import csv t.csv -o t.h5

# experiment NAME MARGIN [TRACE]: a results file NAME.h5 of three policies; names are markup.
experiment()
{
    cat >"$1.yaml" <<SPEC
traces: [{file: ${3:-t.h5}, name: "t\`x\`|<b>&_%"}]
policies:
  - {name: vpa, predictor: vpa, allocator: "envelope:margin=$2"}
  - {name: "max\`touch pwned\`|<b>&_%", predictor: "moving-max:window=2h", allocator: "envelope:margin=$2"}
  - {name: seer, predictor: oracle, allocator: "envelope:margin=0"}
seeds: [1]
metrics: [cpu.slack_relative, memory.slack_relative]
baseline: vpa
SPEC
    status 0 sweep plan "$1.yaml" -o "$1"
    status 0 sweep run "$1"
    status 0 sweep merge "$1" -o "$1.h5"
}
experiment base 10%
experiment same 10%
experiment worse 15%

status 0 compare base.h5
prints 'cpu.slack_relative (share, lower is better); 12 units of 1 trace'
prints 'vpa'
grep -q '^ *- seer .*(oracle)$' out || wrong "an oracle is ranked: $(cat out)"
status 0 compare base.h5 --format json
valid json out
status 0 compare base.h5 --format csv
[ "$(wc -l <out)" -eq 7 ] || wrong "csv: $(cat out)"
status 0 compare base.h5 --format markdown
! grep -q '[`<]' out || wrong "markdown: $(cat out)"
status 0 compare base.h5 --format latex
prints '\toprule'
! grep '&.*[^\\]_' out || wrong "latex: $(cat out)"
# What lies around 0 changes by an amount: points, and never by so many per cent of nearly nothing.
status 0 compare base.h5 --metrics cpu.coverage_gap,cpu.slack_relative --format csv
cp out gap.csv
status 0 compare base.h5 --metrics cpu.coverage_gap,cpu.slack_relative
prints 'pp: percentage points.'
awk -F, '$2 == "seer" { printf "%s %+.3g pp\n", $5, 100 * $11; printf "%s %+.1f %%\n", $5, 100 * $14 }' gap.csv >want
gap=$(sed -n '/coverage_gap.* pp/s/^[^ ]* //p' want) slack=$(sed -n '/slack_relative.* %/s/^[^ ]* //p' want)
sed -n '/^cpu.coverage_gap/,/^$/p' out >one
grep -qF -e " $gap [" one || wrong "no change of $gap: $(cat one)"
! grep -q ' %' one || wrong "a gap changes by per cent: $(cat one)"
sed -n '/^cpu.slack_relative/,/^$/p' out | grep -qF -e " $slack [" || wrong "no change of $slack: $(cat out)"
status 0 compare base.h5 --metrics cpu.slack_relative
! grep -qF 'percentage points' out || wrong "points where there are none: $(cat out)"
if command -v gnuplot >/dev/null 2>&1; then
    status 0 plot base.h5 --page differences -o sides.svg
    ! grep -qF '>different<' sides.svg || wrong "a legend of what is not drawn"
    sed 's/^metrics:.*/metrics: [cpu.coverage_gap]/' base.yaml >gap.yaml
    status 0 sweep plan gap.yaml -o base
    status 0 sweep merge base -o gap.h5
    status 0 plot gap.h5 --page differences -o gap.svg
    grep -qF '>different<' gap.svg || wrong "black points are not explained"
    grep -qF 'difference (% points)' gap.svg || wrong "a gap is not drawn in points"
else
    echo "SKIP: no gnuplot: the differences are not drawn"
fi
# A metric that nobody has is not passed over in silence, and one that is half remembered is found.
status 0 compare base.h5 --metrics slack,machines.density --format markdown
grep -qF 'No cell has machines.density.' out || wrong "machines.density is passed over: $(cat out)"
status 2 compare base.h5 --metrics gap
says 'did you mean `coverage_gap`?'
# A name that is wider than its column does not move the others.
long=a-policy-whose-name-is-longer-than-any-table-on-a-terminal-would-like-it-to-be
printf 'traces: [t.h5]\npolicies:\n  - {name: %s, predictor: last, allocator: envelope}\n  - {name: b, allocator: requested}\nseeds: [1]\n' \
    "$long" >long.yaml
status 0 sweep plan long.yaml -o long
grep -q '^policies  *2  a-policy-whose-name-.*\.\.\.$' out || wrong "a plan shows nothing of a long name: $(cat out)"
status 0 sweep run long -q
status 0 sweep merge long -o long.h5
status 0 compare long.h5 --metrics cpu.slack_relative
awk '/ verdict$/ { at = index($0, "verdict"); n++ } / baseline$/ { n++; if (index($0, "baseline") != at) exit 1 } END { exit n != 2 }' out ||
    wrong "columns do not stand below their heads: $(cat out)"
status 0 compare base.h5 --baseline seer --metrics slack,overrun --tolerance slack=1%
status 2 compare base.h5 --baseline nobody
says 'it has vpa,'
status 2 compare base.h5 --metrics cpu.slack_relativ
says 'cpu.slack_relative'
status 4 compare t.h5
says 'results file'

# Equal experiments; a planted regression; its other direction.
status 0 check --baseline base.h5 same.h5
prints 'identical: '
status 1 check --baseline base.h5 worse.h5 --json r.json --junit r.xml --markdown r.md --bench r.bench
prints 'failed'
prints 'reproduce: almanac simulate'
valid json r.json
valid json r.bench
valid xml r.xml
grep -q '<failure ' r.xml || wrong "no failure in r.xml"
! grep -q '`' r.md || wrong "r.md: $(cat r.md)"
status 0 check --baseline worse.h5 base.h5
status 0 check --baseline base.h5 worse.h5 --max-regress 1000%
status 1 check --baseline base.h5 worse.h5 --max-regress 1000%,slack=0
GITHUB_ACTIONS=true "$ALMANAC" check --baseline base.h5 worse.h5 >out 2>err
[ $? -eq 1 ] || wrong "on GitHub: $(cat err)"
prints '::error title=almanac check'
status 1 check --baseline base.h5 worse.h5 --format json -o f.json
valid json f.json
status 1 check --baseline base.h5 worse.h5 --format github
prints '::error '
[ ! -e pwned ] || wrong "a name was run"

# What cannot be compared: another trace, missing cells, another kind, a metric that no cell has.
sed 's/^300,vm-3,[^,]*/300,vm-3,1.5/' t.csv >u.csv
status 0 import csv u.csv -o u.h5
experiment other 10% u.h5
status 4 check --baseline base.h5 other.h5
prints 'SHA-256'
sed -e '/moving-max/d' base.yaml >less.yaml
status 0 sweep plan less.yaml -o less
status 0 sweep run less
status 0 sweep merge less -o less.h5
status 3 check --baseline base.h5 less.h5
prints 'incomplete: '
status 0 check --baseline less.h5 base.h5
prints 'cells are new'
status 4 check --baseline base.h5 same.h5 --max-regress invocations.p99_s=1%
status 4 check --baseline base.h5 t.h5
status 2 check base.h5
status 2 check --baseline base.h5 same.h5 --max-regress slack=-1%
status 4 check --baseline nothing.h5 same.h5

# Run files: one cell each.
status 0 simulate -q -t t.h5 --predictor vpa --allocator envelope:margin=10% -o a.h5
status 0 simulate -q -t t.h5 --predictor vpa --allocator envelope:margin=13% -o b.h5
status 0 check --baseline a.h5 a.h5
prints 'identical: '
status 1 check --baseline a.h5 b.h5
prints 'cpu.slack_relative'
status 4 check --baseline a.h5 base.h5
status 0 simulate -q -t u.h5 --predictor vpa --allocator envelope:margin=10% -o c.h5
status 4 check --baseline a.h5 c.h5
status 2 compare a.h5
exit $failed
