#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# public_traces: do the public data sets import by the commands that the guides show, and give the numbers that were
# counted by other means?
#
# Meaning.  Each line "$ almanac import ... $TRACES/... -o NAME.h5" of docs/guides/formats/*.md is run where the data are at hand
#           (ALM_SHARED, or ../shared beside the project), and `almanac info` of the result is held against
#           tests/reference/public_traces/*.tsv: NAME.h5, a path in info's JSON, a number, a relative tolerance. A command
#           without expected numbers, or numbers without a command, are failures.
set -uo pipefail

TRACES=${ALM_SHARED:-$SOURCE/../shared}/traces
export TRACES
if [ ! -d "$TRACES" ]; then
    echo "SKIP: the public data sets are not there (set ALM_SHARED)"
    exit 77
fi
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work" || exit 1
bin=$(dirname "$ALMANAC")
export PATH=$bin:$PATH
status=0 commands=0 numbers=0

fail() {
    echo "FAIL: $*"
    status=1
}

mapfile -t lines < <(sed -nE 's/^[[:space:]]*\$ (almanac import .*\$TRACES.*)/\1/p' "$SOURCE"/docs/guides/formats/*.md)
run_one() {
    local line=$1 out
    out=$(sed -nE 's/.* -o ([^ ]+)\.h5.*/\1/p' <<<"$line")
    if ! timeout 600 bash -o pipefail -c "$line" >"$out.log" 2>&1 </dev/null; then
        echo "$line" >"$out.failed"
    elif ! almanac info "$out.h5" --format json >"$out.json" 2>"$out.err"; then
        echo "almanac info $out.h5" >"$out.failed"
    fi
}
for line in "${lines[@]}"; do
    commands=$((commands + 1))
    run_one "$line" &
    [ $((commands % 2)) -eq 0 ] && wait
done
wait
for failed in *.failed; do
    [ -e "$failed" ] || continue
    fail "$(cat "$failed")"
    tail -n 3 "${failed%.failed}.log"
done

# The leaves of each JSON file as "path<TAB>value".
for file in *.json; do
    awk -f "$SOURCE/scripts/json-paths.awk" "$file" >"${file%.json}.paths" 2>/dev/null || fail "$file cannot be read"
done
while IFS=$'\t' read -r name path want tolerance; do
    [[ $name == \#* || -z $name ]] && continue
    numbers=$((numbers + 1))
    [ -e "${name%.h5}.paths" ] || { fail "$name: no command of the guides makes it"; continue; }
    touch "${name%.h5}.held"
    got=$(awk -F'\t' -v path="$path" '$1 == path { print $2; exit }' "${name%.h5}.paths")
    awk -v got="$got" -v want="$want" -v tolerance="${tolerance:-0}" 'BEGIN {
        if (got == "" || got == "null") exit 1
        d = got - want; d = d < 0 ? -d : d; m = want < 0 ? -want : want
        exit !(d <= tolerance * m)
    }' || fail "$name: $path is ${got:-not there}, expected $want within $tolerance"
done < <(cat "$SOURCE"/tests/reference/public_traces/*.tsv)
for file in *.json; do
    [ -e "${file%.json}.held" ] || fail "${file%.json}.h5: no number is expected of it in tests/reference/public_traces"
done

# Every folder of the data is in a command.
for folder in "$TRACES"/*/; do
    name=$(basename "$folder")
    printf '%s\n' "${lines[@]}" | grep -q "\$TRACES/$name\b" || fail "no guide imports $name"
done
[ "$commands" -ge 10 ] || fail "only $commands commands were found"
echo "$commands imports, $numbers numbers"
exit "$status"
