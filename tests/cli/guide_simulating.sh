#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# guide_simulating: does the guide of the simulated platform have each option with its default, and no other; and are its
# figures those that the program gives, beside exact values that are right?
#
# Limits.  Words are not checked. docs.sh runs the commands. Of the law of start times only `start.law` is in the guide.
set -uo pipefail

: "${ALMANAC:?the program}" "${SOURCE:?the root of the sources}"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work" || exit 1
guide=$SOURCE/docs/guides/simulating.md
status=0

wrong() {
    echo "FAILED: $1"
    status=1
}

# Rows of three cells, "| `option` | default | meaning |": those of the guide, and of the program.
sed -nE 's/^\| `([a-z_.]+)` \| ([^|]+) \| ?[^|]*\|$/\1 \2/p' "$guide" >page
"$ALMANAC" modules platform simulated | awk '
    /^Options:/ { on = 1; next }
    on { for (i = 2; i < NF; i++) if ($i == "default") break; print $1, $(i + 1) }' |
    grep -vE '^start\.' >program
echo "start.law default" >>program
sort -u page >page.sorted
sort -u program >program.sorted
[ "$(wc -l <page.sorted)" -ge 50 ] || wrong "only $(wc -l <page.sorted) options were found in the guide"
diff page.sorted program.sorted >differ || {
    wrong "options and defaults (< the guide, > the program):"
    grep '^[<>]' differ
}

# The table of M/M/1: exact values by formula, the others by the commands of the guide.
sed -nE 's/^ +\$ (almanac .*mm1\.h5.*)/\1/p' "$guide" | sed "s|^almanac|\"$ALMANAC\"|" >commands
[ "$(wc -l <commands)" -eq 2 ] || wrong "the guide has not two commands about mm1.h5"
bash -e commands >out 2>err || wrong "the commands about mm1.h5: $(cat err)"
sed -n '/^{/,$p' out >json
awk -f "$SOURCE/scripts/json-paths.awk" json | sed -n 's/^metrics\.invocations\.//p' >paths
sed -nE 's/^\| `([a-z0-9_]+)` \| ([0-9.]+) \| ([0-9.]+) \| ([0-9.]+) \|$/\1 \2 \3 \4/p' "$guide" >figures
[ "$(wc -l <figures)" -eq 7 ] || wrong "the table of M/M/1 has $(wc -l <figures) rows, not 7"
while read -r name exact got half; do
    awk -v name="$name" -v exact="$exact" -v got="$got" -v half="$half" '
        $1 == name { v = $2 }
        $1 == "halfwidth." name { h = $2 }
        function off(a, b) { return a > b ? a - b : b - a }
        END {
            m = 1 / (1 - 0.8)
            truth["mean_response_s"] = m; truth["mean_wait_s"] = m - 1; truth["mean_in_system"] = 0.8 * m
            truth["utilisation"] = 0.8
            truth["p50_s"] = -m * log(0.5); truth["p95_s"] = -m * log(0.05); truth["p99_s"] = -m * log(0.01)
            exit !(off(v, got) < 6e-4 && off(h, half) < 6e-4 && off(truth[name], exact) < 6e-4 && off(got, exact) <= half)
        }' paths || wrong "M/M/1: $name is $(sed -n "s/^$name\t//p" paths) +- $(sed -n "s/^halfwidth.$name\t//p" paths); \
the guide says exact $exact, simulated $got +- $half"
done <figures
exit "$status"
