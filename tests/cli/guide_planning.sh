#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# guide_planning: is the answer that the guide of planning shows the one that its command gives?
#
# Limits.  Words are not checked. docs.sh runs the other commands.
set -uo pipefail

: "${ALMANAC:?the program}" "${SOURCE:?the root of the sources}"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work" || exit 1
guide=$SOURCE/docs/guides/planning.md
ln -s "$SOURCE/traces" traces
sed -nE 's/^ +\$ (almanac (import|plan .*--rows 4).*)/\1/p' "$guide" | sed "s|^almanac|\"$ALMANAC\"|" >commands
[ "$(wc -l <commands)" -eq 2 ] || { echo "FAILED: the guide has not one import and one plan with --rows 4"; exit 1; }
head -n 1 commands | bash >/dev/null || exit 1
tail -n 1 commands | bash >program 2>err || { echo "FAILED: $(cat err)"; exit 1; }
awk '/^```$/ { if (on) exit; on = 1; next } on' "$guide" >page
[ "$(wc -l <page)" -ge 30 ] || { echo "FAILED: the guide shows only $(wc -l <page) lines"; exit 1; }
diff page program >differ && exit 0
echo "FAILED: < the guide, > the program:"
cat differ
exit 1
