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
