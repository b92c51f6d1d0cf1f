#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# cluster: does the example of docs/guides/cluster.md run as written, and do its runs keep what must hold of any?
#
# Meaning.  The commands of the page are run with a twentieth of its functions and machines, so that each function and each
#           machine have the load that they have there. What comes out is held against the specification, read by awk, and
#           against laws: nobody is lost, CPU time of machines and executions is the same, no machine does more than it
#           can, promises stay within what may be promised, drained machines are empty, and packing by requests that say
#           nothing stops more calls than spreading (11.8 % and 0.15 %; all is determined by the seed).
# Limits.   The figures of the page are of the whole cluster, and are not checked.
set -uo pipefail

: "${ALMANAC:?the program}" "${SOURCE:?the root of the sources}"
TRACES=${ALM_SHARED:-$SOURCE/../shared}/traces
spec=$TRACES/azure-functions/faasrail/azure_spec_15rps_5min.csv
if [ ! -f "$spec" ] || [ ! -d "$TRACES/faasrail-icy2" ]; then
    echo "SKIP: the load specification of FaaSRail is not there (set ALM_SHARED)"
    exit 77
fi
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work" || exit 1
bin=$(dirname "$ALMANAC")
export TRACES PATH=$bin:$PATH ALMANAC_PLOTS=$SOURCE/plots
status=0

wrong() {
    echo "FAILED: $1"
    status=1
}

awk '/^```sh$/ { on = 1; next } /^```$/ { on = 0 } on' "$SOURCE/docs/guides/cluster.md" |
    sed 's/copies=21,//; s|machines=60/140|machines=3/7|' >commands
[ "$(grep -c '^almanac ' commands)" -eq 8 ] || wrong "the page has not 8 commands: $(grep '^almanac ' commands)"
grep -q 'machines=3/7,machine_cores=2,' commands || wrong "the page has not the machines that this test expects"
if ! command -v gnuplot >/dev/null; then
    echo "SKIP: the figures: gnuplot is not installed"
    sed -i '/^almanac plot/d' commands
fi
bash -e commands >out 2>err || wrong "a command of the page fails: $(tail -n 3 err)"
[ "$status" -eq 0 ] || exit 1

# The calls of all rows and periods, a hundred times; as many units as rows.
want=$(awk -F, 'NR > 1 { for (i = NF - 4; i <= NF; i++) n += $i } END { print 100 * n, NR - 1 }' "$spec")
got=$(almanac dump day.h5 units -c name,invocations | awk -F, 'NR > 1 { n += $2; units++ } END { print n, units }')
[ "$got" = "$want" ] || wrong "the trace has $got invocations and units, the specification $want"

# look RUN CORES: laws of any run; CORES may be promised of a machine. "stopped" gets the share of calls that were.
look() {
    almanac dump "$1.h5" executions -c id,end,cpu_us,arrival_s,finish_s >calls.csv
    almanac dump "$1.h5" machine_samples -c time_s,machine,units,cpu_us,span_s,cpu_floor >machines.csv
    awk -F, -v run="$1" -v want="${want% *}" -v units="${want#* }" -v cores="$2" '
        function law(ok, text) { if (!ok) { print "FAILED: " run ": " text; bad = 1 } }
        FNR == 1 { file++; next }
        file == 1 {
            calls++; ended[$2]++; cpu += $3
            if ($1 in seen) twice++
            seen[$1] = 1
            if ($5 < $4) back++
            if ($5 - $4 > 60.000001) late++
            next
        }
        {
            used += $4
            if ($4 > 2e6 * $5 + 1) more++
            if (cores && $6 > 1000 * cores) promised++
            if ($1 > 43200 && substr($2, 3) > 3 && $3 > 0) drained++
            if ($1 > last) { last = $1; placed = 0 }
            placed += $3
        }
        END {
            law(calls == want && !twice, calls " executions, " twice + 0 " of them twice, of " want)
            law(ended["done"] + ended["timeout"] + ended["running"] == calls, "somebody ended in another way")
            law(ended["done"] > 0.8 * calls, "only " ended["done"] " are done")
            law(!back && !late, back + 0 " ended before they came, " late + 0 " stayed longer than they may")
            off = cpu - used; off = off < 0 ? -off : off
            law(off <= calls + NR, "executions used " cpu " us of CPU, machines " used)
            law(!more, more + 0 " samples of machines with more than two cores in use")
            law(!promised, promised + 0 " samples of machines with more promised than may be")
            law(!drained, drained + 0 " samples of drained machines with units")
            law(placed == units, placed " units are placed in the end, of " units)
            print ended["timeout"] / calls >"stopped"
            exit bad
        }' calls.csv machines.csv || status=1
}
look first-fit 172
packed=$(cat stopped)
look round-robin 172
spread=$(cat stopped)
look learned 0
awk -v a="$packed" -v b="$spread" 'BEGIN { exit !(a > 10 * b && a > 0.05) }' ||
    wrong "first fit stops $packed of the calls, spreading $spread"

for figure in density slowdown; do
    [ ! -e "$figure.svg" ] || [ "$(wc -c <"$figure.svg")" -gt 10000 ] || wrong "$figure.svg is too small to show anything"
done
exit "$status"
