#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# ci_snippets: do the commands of docs/ci pass an experiment that did not change, and fail one that got worse?
set -uo pipefail

: "${ALMANAC:?the program}" "${SOURCE:?the root of the sources}"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work" || exit 1
mkdir bin
ln -s "$ALMANAC" bin/almanac
export PATH=$work/bin:$PATH SPEC=experiment.yaml BASELINE=baseline.h5 MAX_REGRESS=2% GITHUB_STEP_SUMMARY=$work/summary.md
status=0

# Lines of `run: |`, and items of `script:`, without their indentation.
awk '/^ *run: \|$/ { on = 1; next } on { sub(/^ +/, ""); print }' "$SOURCE/docs/ci/action.yml" >github
awk '/^ *script:$/ { on = 1; next } on && !/^ *- / { exit } on { sub(/^ *- /, ""); print }' "$SOURCE/docs/ci/gitlab.yml" >gitlab

cat >workload.yaml <<'Y'
generator: usage
units: 8
duration: 1d
interval: 5m
seed: 2
Y
almanac generate workload.yaml -o fleet.h5 >/dev/null || exit 1
experiment() {
    cat >experiment.yaml <<Y
traces: [fleet.h5]
policies:
  - {name: fixed, allocator: "static:cpu=4,memory=4Gi"}
  - {name: vpa, predictor: vpa, allocator: "envelope:margin=$1"}
metrics: [cpu.slack_relative]
baseline: fixed
Y
}

# try SNIPPET EXPECTED: run as the runner does, stopping at the first failure.
try() {
    rm -rf almanac-* summary.md
    bash -e "$1" >said 2>&1
    local code=$?
    [ "$code" -eq "$2" ] && return
    echo "FAIL: $1 ended with $code, expected $2:"
    cat said
    status=1
}

for snippet in github gitlab; do
    [ "$(wc -l <"$snippet")" -eq 4 ] || { echo "FAIL: $snippet has $(wc -l <"$snippet") commands"; status=1; }
    experiment 0
    rm -rf runs
    almanac sweep plan experiment.yaml -o runs >/dev/null && almanac sweep run runs -q >/dev/null &&
        almanac sweep merge runs -o baseline.h5 -q >/dev/null || exit 1
    try "$snippet" 0
    grep -q '<testsuite' almanac-check.xml || { echo "FAIL: $snippet left no report"; status=1; }
    experiment 10%
    try "$snippet" 1
    grep -q '<failure' almanac-check.xml || { echo "FAIL: $snippet reported no failure"; status=1; }
done
try github 1
grep -q 'vpa' summary.md || { echo "FAIL: the summary does not name the policy"; status=1; }
exit "$status"
