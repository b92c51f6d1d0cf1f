#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# guide_forecasting: are the answers that the guide of forecasting shows those that its commands give? Does its table of models have each model
# and no other, and are the errors of its trial those that come out?
#
# Meaning.  A fenced block belongs to the command above it. Words must be equal; numbers to 1 in 1e4 or 1e-6, since an optimiser may end a
#           little elsewhere with another compiler.
# Limits.   Other words are not checked. docs.sh runs all commands.
set -uo pipefail

: "${ALMANAC:?the program}" "${SOURCE:?the root of the sources}"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work" || exit 1
guide=$SOURCE/docs/guides/forecasting.md
ln -s "$SOURCE/traces" traces
failed=0

wrong() {
    echo "FAILED: $*"
    failed=1
}

# almanac ARGUMENT...: as the guide writes it.
almanac() {
    "$ALMANAC" "$@"
}

# Commands with the blocks below them: files 1.command, 1.page, 2.command ...
awk '/^ +\$ almanac / { sub(/^ +\$ /, ""); command = $0; if (/ import | dump .*>/) print >"first"; next }
    /^```$/ { if (on) { on = 0; command = "" } else if (command != "") { on = 1; n++; print command >(n ".command") }; next }
    on { print >(n ".page") }
    /^#/ { command = "" }' "$guide"
[ "$(wc -l <first)" -eq 2 ] || wrong "the guide does not begin with an import and a dump"
eval "$(cat first)" >/dev/null || wrong "the table of the guide cannot be made"
blocks=0
for command in ./*.command; do
    blocks=$((blocks + 1))
    page=${command%.command}.page
    eval "$(cat "$command")" >program 2>err || wrong "$(cat "$command"): $(head -1 err)"
    awk 'FNR == NR { want[FNR] = $0; lines = FNR; next }
        { n = split($0, got); if (split(want[FNR], w) != n) { print "line " FNR ": " $0 ", not " want[FNR]; bad = 1; next }
          for (i = 1; i <= n; i++) {
              if (got[i] == w[i]) continue
              off = got[i] - w[i]; size = w[i] < 0 ? -w[i] : w[i]
              if (got[i] !~ /^[-+.0-9e]+$/ || (off < 0 ? -off : off) > 1e-6 + 1e-4 * size) { print "line " FNR ": " got[i] ", not " w[i]; bad = 1 } } }
        END { if (FNR != lines) print FNR " lines, not " lines; exit bad || FNR != lines }' "$page" program >differ ||
        wrong "$(cat "$command"): $(head -5 differ)"
done
[ "$blocks" -eq 4 ] || wrong "the guide shows $blocks answers; there were 4"

# | `MODEL` | error | share |
awk -F '|' '/^\| `[^|]*` \| [0-9.]+ \| [0-9.]+ \|$/ { gsub(/[ `]/, ""); print $2, $3, $4 }' "$guide" >trial
[ "$(wc -l <trial)" -eq 5 ] || wrong "the trial has $(wc -l <trial) models"
sed 1d web-5.csv | sed -n '865,1152p' | cut -d, -f1 >truth
while read -r model error share; do
    almanac forecast "$model" web-5.csv --column cpu --to 864 --horizon 288 --format csv >steps || wrong "$model failed"
    sed 1d steps | paste -d, - truth | awk -F, -v error="$error" -v share="$share" '
        { off = $2 - $8; sum += off < 0 ? -off : off; inside += $8 >= $6 && $8 <= $7 }
        END { a = sum / NR - error; b = inside / NR - share
              if (NR != 288 || a * a > 1e-6 || b * b > 1.3e-5) { print sum / NR, inside / NR; exit 1 } }' >differ ||
        wrong "$model: error and share are $(cat differ), not $error $share"
done <trial

awk '/^\| model \| assumes/ { on = 1 } !/^\|/ { on = 0 } on && /^\| `/ { gsub(/`/, ""); print $2 }' "$guide" | sort >page
almanac forecast --models | sed -nE 's/^([a-z-]+): .*/\1/p' | sort >program
diff page program >differ || wrong "models, < the guide, > the program: $(cat differ)"
exit "$failed"
