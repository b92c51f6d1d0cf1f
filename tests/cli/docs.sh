#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# docs: do the examples in the README, the guides and the man pages work as written?
#
# Meaning.  Lines that begin with "$ almanac" or "$ scripts/" are run in order, page by page, in a folder that looks like
#           the source tree; and the module that CONTRIBUTING.md shows must compile without a warning.
# Limits.   scripts/test, scripts/ci and scripts/setup are not run: they would run this.
set -uo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
status=0 examples=0
bin=$(dirname "$ALMANAC")
export PATH=$bin:$PATH ALMANAC

pages=("$SOURCE/README.md" "$SOURCE/CONTRIBUTING.md" "$SOURCE"/docs/man/*.scd)
for page in "$SOURCE"/docs/*.md "$SOURCE"/docs/guides/*.md "$SOURCE"/docs/guides/models/*.md; do
    [ -f "$page" ] && pages+=("$page")
done
for page in "${pages[@]}"; do
    tree=$work/$(basename "$page")
    mkdir "$tree"
    for part in "$SOURCE"/*; do
        case "$(basename "$part")" in
        build | out) ;;
        *) ln -s "$part" "$tree/" ;;
        esac
    done
    while IFS= read -r line; do
        case "$line" in
        scripts/test* | scripts/ci* | scripts/setup*) continue ;;
        esac
        examples=$((examples + 1))
        (cd "$tree" && timeout 300 bash -o pipefail -c "$line") >"$work/out" 2>&1 </dev/null
        code=$?
        [ "$code" -ne 0 ] || continue
        echo "FAIL: ${page#"$SOURCE/"}: $line: status $code"
        tail -n 5 "$work/out"
        status=1
    done < <(sed -nE 's/^[[:space:]]*\$ ((almanac|scripts\/).*)/\1/p' "$page")
done
[ "$examples" -ge 10 ] || { echo "FAIL: only $examples examples were found"; status=1; }

awk '/^```c$/ { on = 1; next } /^```$/ { on = 0 } on' "$SOURCE/CONTRIBUTING.md" >"$work/module.c"
if ! grep -q alm_predictor_ "$work/module.c" || ! cc -std=c17 -Wall -Wextra -Wconversion -Wmissing-prototypes -Werror \
    -I"$SOURCE/include" -c "$work/module.c" -o "$work/module.o"; then
    echo "FAIL: the module shown in CONTRIBUTING.md does not compile"
    status=1
fi
echo "$examples examples were run"
exit "$status"
