#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# demo: does the newcomer's command end with a full table and two figures, for each kind of trace it says it takes, with
# spaces in all paths?
set -uo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
status=0

wrong() {
    echo "FAIL: $1"
    status=1
}

# demo NAME [TRACE]: five whole rows, no figure missing.
demo() {
    local name=$1 out="$work/out of $1"
    shift
    if ! "$SOURCE/scripts/demo" -o "$out" "$@" >"$work/said" 2>"$work/talk"; then
        wrong "$name: scripts/demo failed: $(tail -n 5 "$work/talk")"
        return
    fi
    awk '/^policy/ { on = 1; columns = NF } on && NF == 0 { exit } on { print NF }' "$work/said" >"$work/widths"
    [ "$(wc -l <"$work/widths")" -ge 6 ] || wrong "$name: the table has no five rows: $(cat "$work/said")"
    for policy in static reactive moving-percentile vpa 'oracle\*'; do
        grep -qE "^$policy " "$work/said" || wrong "$name: no row $policy"
    done
    for figure in timeline policies; do
        grep -q '<text' "$out/$figure.svg" || wrong "$name: $figure.svg has no text"
        [ "$(head -c 4 "$out/$figure.png" | tail -c 3)" = PNG ] || wrong "$name: $figure.png is no PNG"
    done
}

demo sample
grep -E '^(static|reactive|moving|vpa|oracle)' "$work/said" | grep -q 'nan\|inf\|null' &&
    wrong "sample: the table has holes: $(cat "$work/said")"

planetlab="$work/planet lab"
mkdir "$planetlab"
for unit in a.example_one b.example_two; do
    awk -v seed="${#unit}" 'BEGIN { srand(seed); for (i = 0; i < 288; i++) print int(100 * rand()) }' >"$planetlab/$unit"
done
demo planetlab "$planetlab"
grep -q '(planetlab)' "$work/talk" || wrong "a directory of integers was not taken for PlanetLab"

bitbrains="$work/one machine.csv"
awk 'BEGIN {
    print "Timestamp [ms];\tCPU cores;\tCPU capacity provisioned [MHZ];\tCPU usage [MHZ];\tCPU usage [%];\t" \
        "Memory capacity provisioned [KB];\tMemory usage [KB];\tDisk read throughput [KB/s];\t" \
        "Disk write throughput [KB/s];\tNetwork received throughput [KB/s];\tNetwork transmitted throughput [KB/s]"
    srand(3)
    for (i = 0; i < 600; i++) {
        share = rand()
        printf "%d;\t4;\t10400;\t%.3f;\t%.3f;\t4194304;\t%.1f;\t0;\t1.5;\t0.2;\t0.1\n", 1376314846 + 300 * i,
            10400 * share, 100 * share, 1048576 * (1 + rand())
    }
}' >"$bitbrains"
demo bitbrains "$bitbrains"
grep -q '(bitbrains)' "$work/talk" || wrong "a Bitbrains header was not recognised"

"$SOURCE/scripts/demo" -o "$work/x" "$work/no such file" >/dev/null 2>"$work/talk"
[ $? -eq 2 ] || wrong "a missing trace does not end with 2"
exit "$status"
