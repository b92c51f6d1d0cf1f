#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# guide_pages: do the guides tell the truth? Each option with its default, each column with its type and unit, each metric
# and each number of the first table is compared with what the program says, in both directions.
#
# Limits.  Words are not checked, nor nanoseconds. docs.sh runs the commands.
set -uo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
guides=$SOURCE/docs/guides
cd "$work" || exit 1
status=0

# same PAGE WHAT: the lines of file `page` and of file `program` are equal; otherwise show how they differ.
same() {
    sort -u page >page.sorted
    sort -u program >program.sorted
    [ -s page.sorted ] && cmp -s page.sorted program.sorted && return
    echo "FAIL: $1: $2 (< the page, > the program):"
    diff page.sorted program.sorted | grep '^[<>]' | head -n 20
    status=1
}

"$ALMANAC" import csv:cores=4,memory_capacity=8Gi "$SOURCE/traces/samples/web.csv" -o web.h5 >/dev/null || exit 1
"$ALMANAC" simulate -q -t web.h5 --predictor vpa --allocator envelope:margin=0 -o run.h5 --format json >run.json || exit 1
"$ALMANAC" simulate -q -t web.h5 --predictor theta -o told.h5 >/dev/null || exit 1
"$ALMANAC" generate -q queue:customers=500 -o queue.h5 || exit 1
"$ALMANAC" simulate -q -t queue.h5 -o calls.h5 --format json >calls.json || exit 1

# policies.md and models/: "### KIND NAME", then a table of options with defaults.
cat "$guides/policies.md" "$guides"/models/*.md >policies
"$ALMANAC" modules | awk '/^[a-z]+$/ { kind = $1 } /^  / { print kind, $1 }' |
    grep -E '^(profiler|predictor|calibrator|allocator) ' >modules
sed -nE 's/^### ((profiler|predictor|calibrator|allocator) [a-z-]+)$/\1/p' policies >page
cp modules program
same "policies.md and models/" "the modules"
awk '/^### / { module = $2 " " $3 } /^##? / { module = "" }
    module && /^\| `/ { split($0, cell, "|"); gsub(/[ `]/, "", cell[2]); gsub(/[ `]/, "", cell[3])
                        print module, cell[2], cell[3] }' policies >page
while read -r kind name; do
    "$ALMANAC" modules "$kind" "$name" | awk -v module="$kind $name" '
        /^Options:/ { on = 1; next }
        on { for (i = 2; i < NF; i++) if ($i == "default") break; print module, $1, $(i + 1) }'
done <modules >program
same "policies.md and models/" "options and defaults"

# policies.md: state, as "| `last` | 56 | ...", beside that of `window` and `envelope`.
sed -nE 's/^\| `([a-z-]+)` \| ([0-9]+) \|.*/\1 \2/p' "$guides/policies.md" >page
state() {
    "$ALMANAC" simulate -q -t web.h5 "$@" --format json | sed -nE 's/.*"state_bytes_per_unit": ([0-9]+).*/\1/p'
}
besides=$(state --predictor none --allocator envelope)
grep '^predictor ' modules | while read -r _ name; do
    echo "$name $(($(state --predictor "$name" --allocator envelope) - besides))"
done >program
same policies.md "bytes of state"
echo "$(state) $((besides - $(state))) $(($(state --calibrator measured) - $(state)))" >program
tr '\n' ' ' <"$guides/policies.md" | sed -nE \
    's/.* less the ([0-9]+) bytes of `profiler window` and the ([0-9]+) of .*### calibrator measured.* ([0-9]+) bytes a unit\..*## Allocators.*/\1 \2 \3/p' >page
same policies.md "bytes of profiler window, allocator envelope, calibrator measured"

# files.md: "| `/group/column` | type | unit |"; a stamp is "time" there.
printf 'time,unit,cpu,memory,io_read,io_write,net_rx,net_tx\n%s\n%s\n' 1700000300,a,1,2,3,4,5,6 1700000600,a,1,2,3,4,5,6 >io.csv
"$ALMANAC" import csv io.csv -o io.h5 >/dev/null || status=1
echo 1 0 10 100 4 90 2048 4 200 4096 1 3 1 7 1 1 -1 -1 >jobs.swf
"$ALMANAC" import swf jobs.swf -o jobs.h5 >/dev/null || status=1
"$ALMANAC" generate -q usage:units=1,duration=1h,behaviour.functions=1 -o functions.h5 || status=1
# No source has all fields, so the header of the contract says them.
fields() {
    sed -nE 's/^ *X\(ALM_INV_[A-Z_]+, "([a-z_]+)", "([a-z0-9]+)".*/\1 \2/p' "$SOURCE/include/almanac/trace.h" |
        awk '{ print "/invocations/" $1, $2 == "byte" ? "i64" : "f64", $2 }'
    sed -nE 's/^ *X\(ALM_BEH_[A-Z_]+, "([a-z_]+)", "([a-z0-9]+)".*/\1 \2/p' "$SOURCE/include/almanac/behaviour.h" |
        awk '{ print "/behaviour/" $1, $2 == "byte" ? "i64" : "f64", $2 }'
}
columns() {
    awk '$1 ~ /^\// { unit = $4; if (unit == "nanoseconds") unit = "time"; print $1, $2, unit }' <("$ALMANAC" info "$1")
}
rows() {
    awk -v from="$1" -v to="$2" '$0 ~ from { on = 1 } $0 ~ to { on = 0 }
        on && /^\| `\// { split($0, cell, "|"); gsub(/[ `]/, "", cell[2]); gsub(/ /, "", cell[3]); gsub(/ /, "", cell[4])
                          print cell[2], cell[3], cell[4] }' "$guides/files.md"
}
rows '^## Trace:' '^## Run:' >page
{
    columns io.h5
    columns jobs.h5 | grep -v '^/inputs/'
    columns functions.h5
    fields
} >program
same files.md "columns of a trace"
rows '^## Run:' '^## Opening' >page
{
    columns run.h5
    columns told.h5
    columns calls.h5
} | grep -v '^/metrics/' >program
same files.md "columns of a run"

# metrics.md: a name in the first column of a table; "cpu:" or "memory:" where only one resource has it. Invocations and
# machines have chapters of their own.
chapter() {
    awk -v name="## $1" '/^## / { on = $0 == name } on && /^\| `/ { split($0, cell, "|"); gsub(/[ `]/, "", cell[2])
        gsub(/,/, "\n", cell[2]); print cell[2] }' "$guides/metrics.md"
}
for name in Invocations Machines; do
    chapter "$name" >page
    awk -f "$SOURCE/scripts/json-paths.awk" calls.json | cut -f 1 | sed -n "s/^metrics\.${name,}\.//p" |
        grep -vE '^(halfwidth|classes)\.|^(confidence|batches|batches_correlated)$' >program
    same metrics.md "names of metrics of ${name,}"
done
awk '/^## / { on = $2 != "Invocations" && $2 != "Machines" } on' "$guides/metrics.md" >metrics.md
awk -f "$SOURCE/scripts/json-paths.awk" run.json | cut -f 1 | sed 's/\.[0-9]*$//; s/^metrics\.//' |
    grep -vE '^(config|trace|policy|oracle|schema|seconds|version)|ci95' | sed -E 's/^(cpu|memory)\.//; s/\..*//' >program
awk '/^## What is scored/ { on = 1 } on && /^\| `/ { split($0, cell, "|"); gsub(/[ `]/, "", cell[2]); gsub(/,/, "\n", cell[2])
     print cell[2] }' metrics.md >page
same metrics.md "names of metrics"
awk '/^\| `/ { split($0, cell, "|"); name = cell[2]; gsub(/[ `]/, "", name)
     if (name == "burst_share" || name == "decision_ns" || name ~ /,|state_bytes/) next
     one = cell[4] ~ /^ (cpu|memory):/; only = substr(cell[4], 2); sub(/:.*/, "", only)
     if (!one || only == "cpu") print "/metrics/cpu_" name
     if (!one || only == "memory") print "/metrics/memory_" name }' metrics.md >page
"$ALMANAC" info run.h5 | awk '$1 ~ /^\/metrics\// { print $1 }' >program
same metrics.md "columns of metrics for each resource"

# first-run.md: the table of the demo: each policy with its figures in order of size, but for the last, the seconds. So the
# columns may be moved.
table() {
    awk '/^policy / { on = 1; next } on && (NF < 3 || /^```/) { exit } on { $NF = ""; print }' |
        while read -r policy figures; do
            echo "$policy $(tr ' ' '\n' <<<"$figures" | grep . | LC_ALL=C sort | paste -sd' ')"
        done
}
table <"$guides/first-run.md" >page
"$SOURCE/scripts/demo" -o "$work/demo" 2>/dev/null | table >program
same first-run.md "the table of the demo"

# first-run.md: the figures in its sentences.
figure() {
    awk -f "$SOURCE/scripts/json-paths.awk" "$1.json" | awk -F '\t' -v key="$2" -v f="$3" -v by="$4" '
        $1 ~ "(^|metrics\\.)" key "$" { printf f, by * $2; exit }'
}
for margin in 0 15% 60%; do
    "$ALMANAC" simulate -q -t web.h5 --predictor moving-max --allocator "envelope:margin=$margin" --format json \
        >"${margin%\%}.json" || status=1
done
echo "$(figure 15 cpu.slack_relative %.0f 100) $(figure 60 cpu.slack_relative %.0f 100)" \
    "$(figure 15 memory.oom_kills %d 1) $(figure 60 memory.oom_kills %d 1)" \
    "$(figure 0 cpu.overrun_time_share %.0f 100)" >program
tr '\n' ' ' <"$guides/first-run.md" | sed -nE \
    's/.*CPU slack goes from ([0-9]+) % to ([0-9]+) %, OOM kills from ([0-9]+) to ([0-9]+)\..*demand is above the limit ([0-9]+) % .*/\1 \2 \3 \4 \5/p' >page
same first-run.md "figures in sentences"

# files.md: attributes of the file itself.
if command -v ncdump >/dev/null; then
    for pair in "web.h5 queue.h5:Trace" "run.h5 calls.h5:Run"; do
        kind=${pair#*:}
        for file in ${pair%:*}; do ncdump -h "$file"; done | sed -nE 's/^\t\t(string )?:([A-Za-z0-9_]+) = .*/\2/p' >program
        awk -v kind="$kind" '/^### Attributes of a / { on = tolower($5) == tolower(kind) } /^## / { on = 0 }
            on && /^\| `/ { split($0, cell, "|"); gsub(/[ `]/, "", cell[2]); gsub(/,/, "\n", cell[2]); print cell[2] }' \
            "$guides/files.md" | grep -vx licence >page
        same files.md "attributes of a $kind"
    done
else
    echo "SKIP: ncdump is not installed: attributes of files are not compared"
fi
exit "$status"
