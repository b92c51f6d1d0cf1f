#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# guide_experiments: does the guide of experiments show the specification that it runs, and what the program prints?
#
# Limits.  Words are not checked; the launchers are, by sweep.sh and the tests of MPI.
set -uo pipefail

: "${ALMANAC:?the program}" "${SOURCE:?the root of the sources}"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work" || exit 1
guide=$SOURCE/docs/guides/experiments.md
status=0
unset SLURM_ARRAY_TASK_ID

awk '/^```yaml$/ { on = 1; next } /^```$/ { on = 0 } on' "$guide" >shown.yaml
diff shown.yaml "$SOURCE/docs/guides/experiments.yaml" || {
    echo "FAILED: the guide shows another specification than experiments.yaml"
    status=1
}

# A command, and the block behind it, if there is one; seconds are no promise.
ln -s "$SOURCE/docs" "$SOURCE/traces" .
awk '/^    \$ almanac / { command = substr($0, 7); n++; print command >("command" n); want = 1; next }
    want && /^```$/ { on = !on; if (!on) want = 0; else printf "" >("shown" n); next }
    on { print >("shown" n); next }
    want && !/^$/ { want = 0 }' "$guide"
[ -e command6 ] && [ -e shown5 ] || {
    echo "FAILED: not six commands with their output were found in the guide"
    exit 1
}
for n in $(seq "$(find . -name 'command*' | wc -l)"); do
    sed "s|^almanac|\"$ALMANAC\"|" "command$n" >run
    bash -e run >out 2>err || {
        echo "FAILED: $(cat "command$n"): $(cat err)"
        status=1
    }
    [ -e "shown$n" ] || continue
    sed -E 's/, [0-9.]+ s$//' out | diff "shown$n" - || {
        echo "FAILED: $(cat "command$n"): < the guide, > the program"
        status=1
    }
done
exit "$status"
