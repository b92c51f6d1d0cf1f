#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# guide_module: do the modules shown in docs/guides/modules.md build, keep the contract and run, by nothing more than the
# file and the line that the page names?
#
# Meaning.  Works in a copy of the source tree. A C block belongs to the path named last before it ("File `x/y.c`:").
set -uo pipefail

for tool in cmake ninja; do
    command -v "$tool" >/dev/null || { echo "SKIP: $tool is not installed"; exit 77; }
done
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
page=$SOURCE/docs/guides/modules.md
tree=$work/tree
status=0

wrong() {
    echo "FAIL: $1"
    status=1
}

mkdir "$tree"
for part in "$SOURCE"/*; do
    case "$(basename "$part")" in
    build | out) ;;
    *) cp -R "$part" "$tree/" ;;
    esac
done

awk -v tree="$tree" -v list="$work/files" '
    match($0, /File `[^`]+`/) { path = substr($0, RSTART + 6, RLENGTH - 7) }
    /^```c$/ { on = 1; print path > list; next }
    /^```$/ { on = 0 }
    on { print > (tree "/" path) }' "$page"
[ -s "$work/files" ] || { echo "FAIL: the page shows no module"; exit 1; }
while read -r kind name folder; do
    echo "alm_module($kind $name)" >>"$tree/$folder"
done < <(tr '\n' ' ' <"$page" | grep -oE 'line `alm_module\([a-z]+ [a-z-]+\)` in `[^`]+`' |
    sed -E 's/line `alm_module\(([^)]*)\)` in `([^`]+)`/\1 \2/')
while IFS= read -r file; do
    name=$(basename "$file" .c | tr _ -)
    grep -q "^alm_module([a-z]* $name)$" "$tree/$(dirname "$file")/CMakeLists.txt" ||
        wrong "the page has no line alm_module for $file"
    if command -v clang-format >/dev/null && [ -f "$SOURCE/.clang-format" ]; then
        (cd "$tree" && cp "$SOURCE/.clang-format" . && clang-format --dry-run -Werror "$file") ||
            wrong "$file is not laid out as the rest of the code"
    fi
done <"$work/files"
"$tree/scripts/checks/floors" >"$work/log" 2>&1 || wrong "the rooms of the house: $(tail -n 5 "$work/log")"

targets=(almanac contract_modules contract_predictors contract_allocators)
if ! { cmake -S "$tree" -B "$work/build" -G Ninja -DCMAKE_BUILD_TYPE=Debug -DALMANAC_WERROR=ON \
    -DALMANAC_SANITIZE=address,undefined && ninja -C "$work/build" "${targets[@]}"; } >"$work/log" 2>&1; then
    tail -n 30 "$work/log"
    echo "FAIL: the tree with the modules of the page does not build"
    exit 1
fi
for test in "${targets[@]:1}"; do
    "$SOURCE/tests/support/run_criterion" "$work/build/tests/$test" >"$work/log" 2>&1 ||
        wrong "$test: $(grep -v '^$' "$work/log" | tail -n 12)"
done

almanac=$work/build/almanac
cd "$work" || exit 1
"$almanac" import csv "$SOURCE/traces/samples/web.csv" -o web.h5 >/dev/null || wrong "the sample is not imported"
for pair in predictor:decaying-peak allocator:ladder; do
    "$almanac" modules "${pair%:*}" "${pair#*:}" >/dev/null || wrong "$pair is not listed"
done
# The commands of the page, by this program.
commands=0
while IFS= read -r line; do
    commands=$((commands + 1))
    bash -c "${line/#build\/dev\/almanac/\"$almanac\"}" >"$work/log" 2>&1 || wrong "$line: $(tail -n 3 "$work/log")"
done < <(grep '^build/dev/almanac ' "$page")
[ "$commands" -ge 2 ] || wrong "only $commands commands were found on the page"

"$almanac" simulate -q -t web.h5 --predictor decaying-peak --allocator ladder -o run.h5 >/dev/null || wrong "no run"
"$almanac" dump run.h5 decisions --columns memory_limit_bytes | sed 1d | sort -u >sizes
awk '$1 != "" { n = $1 / 268435456; while (n > 1) n /= 2; if (n != 1) exit 1 }' sizes ||
    wrong "the ladder gives sizes that are none of its own: $(paste -sd' ' sizes)"
[ "$(grep -c . sizes)" -ge 2 ] || wrong "the ladder has only one size"
exit "$status"
