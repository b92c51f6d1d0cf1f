#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# sweep_results: what `info` and `dump` say of a results file, and that a damaged one is found.
set -uo pipefail

: "${ALMANAC:?the program}" "${SOURCE:?the root of the sources}"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work" || exit 1
status=0

# HDF5 1.10 loses memory of its own when it finds a damaged header.
echo 'leak:libhdf5' >suppressions
export LSAN_OPTIONS="suppressions=$work/suppressions:print_suppressions=0"

wrong() {
    echo "FAILED: $1"
    status=1
}

"$ALMANAC" import csv "$SOURCE/traces/samples/web.csv" -o web.h5 >/dev/null || exit 1
cat >spec.yaml <<'END'
traces: [{file: web.h5, units: 'web-[0-2]'}]
policies:
  - {name: "vpa, \"fast\"", predictor: vpa, allocator: 'envelope:margin=0'}
  - {name: fixed, allocator: 'static:cpu=2,memory=1Gi'}
factors: {control.interval: [5m, 10m]}
END
"$ALMANAC" sweep plan spec.yaml -o runs >/dev/null && "$ALMANAC" sweep run runs -q >/dev/null &&
    "$ALMANAC" sweep merge runs -q -o results.h5 >/dev/null || exit 1

"$ALMANAC" info results.h5 --format json >info.json || wrong "info: status $?"
awk -f "$SOURCE/scripts/json-paths.awk" info.json >paths
for pair in 'format results/1' 'cells.done 4' 'cells.failed 0' 'cells.missing 0'; do
    grep -qxF "${pair% *}"$'\t'"${pair#* }" paths || wrong "info does not say $pair"
done

"$ALMANAC" dump results.h5 cells --columns policy,factor_control.interval,units,state >cells.csv || wrong "dump cells: status $?"
cat >want.csv <<'END'
policy,factor_control.interval,units,state
"vpa, ""fast""",5m,3,done
fixed,5m,3,done
"vpa, ""fast""",10m,3,done
fixed,10m,3,done
END
cmp -s cells.csv want.csv || wrong "dump cells: $(diff cells.csv want.csv)"

"$ALMANAC" dump results.h5 units --unit web-1 --columns cell,unit,cpu_limit >units.csv || wrong "dump units: status $?"
[ "$(cut -d , -f 1,2 units.csv | tr '\n' ' ')" = "cell,unit 0,web-1 1,web-1 2,web-1 3,web-1 " ] || wrong "dump units: $(cat units.csv)"

# a command of a cell does what the cell did: the pooled slack has the same digits
command=$("$ALMANAC" dump results.h5 cells --columns command | sed -n 2p | sed 's/^"//; s/"$//; s/""/"/g')
slack=$("$ALMANAC" dump results.h5 cells --columns cpu_slack_relative | sed -n 2p)
eval "\"\$ALMANAC\" ${command#almanac } --format csv" >run.csv 2>err || wrong "$command: $(cat err)"
[ "$(sed -n 's/^cpu,slack_relative,//p' run.csv)" = "$slack" ] || wrong "$command: slack is not $slack"

size=$(stat -c %s results.h5)
truncate -s $((size * 2 / 3)) results.h5
"$ALMANAC" info results.h5 >out 2>err
[ $? -eq 4 ] || wrong "a torn results file: status is not 4"
exit "$status"
