#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# tuned_results: what becomes of results whose policies, or whose baseline, were tuned; of results of another time of the trace; and of
# machines: through compare, report, plot and check.
set -uo pipefail

: "${ALMANAC:?the program}"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work" || exit 1
status=0

wrong() {
    echo "FAILED: $1"
    status=1
}

# run WANTED ARGUMENT...: the exit status is WANTED; out and err.
run() {
    local want=$1 got
    shift
    "$ALMANAC" "$@" >out 2>err
    got=$?
    [ "$got" -eq "$want" ] || wrong "$*: status $got, not $want: $(head -n 3 err) $(tail -n 3 out)"
}

# shown TEXT: by the last command, wherever lines were broken.
shown() {
    tr '\n' ' ' <out | grep -qF -- "$1" || wrong "not shown: \"$1\"; but: $(tail -n 8 out)"
}

# results NAME SPEC: NAME.h5.
results() {
    run 0 sweep plan "$2" -o "$1" -q
    run 0 sweep run "$1" -j 2 -q
    run 0 sweep merge "$1" -o "$1.h5" -q
}

"$ALMANAC" generate usage:units=7,duration=1d --seed 1 -q -o a.h5 || exit 1
cat >both.yaml <<'YAML'
traces: [a.h5]
policies:
  - {name: fixed, allocator: "static:cpu=2,memory=4Gi"}
  - {name: vpa, predictor: vpa, allocator: envelope}
  - {name: peak, predictor: moving-max, allocator: envelope}
split: {warmup: 1h, train: 10h, test: 10h}
metrics: [cpu.slack_relative, cpu.overrun_time_share]
baseline: vpa
tune:
  - policy: vpa
    parameters: {allocator.margin: [1%, 40%]}
    objective: {cpu.slack_relative: 1}
  - policy: peak
    parameters: {allocator.margin: [2%, 30%]}
    objective: {cpu.slack_relative: 1}
YAML
results both both.yaml

# -- who was tuned is told, and who was not; the training, which tuned policies have no cells of, is compared with nobody
run 0 compare both.h5
shown '== test =='
shown 'searched for on the training part alone: vpa (allocator.margin=1%), peak (allocator.margin=2%).'
grep -q '== train ==' out && wrong "a comparison of the training without its baseline"
grep -q 'baseline was not tuned' out && wrong "the baseline was tuned"
run 0 compare both.h5 --baseline fixed
shown 'The baseline was not tuned, so what they gain on it is in part the search.'
for form in markdown latex; do
    run 0 compare both.h5 --format "$form"
    grep -q 'searched for' out || wrong "$form does not say what was tuned"
done
run 0 compare both.h5 --format json
grep -q '"allocator.margin": "2%"' out || wrong "JSON has no chosen values"
figures=--no-figures
if command -v gnuplot >/dev/null; then
    figures=
    run 0 plot both.h5 -o both.svg
else
    echo "SKIP: no gnuplot: figures of tuned policies"
fi
# shellcheck disable=SC2086 # none or one word
run 0 report both.h5 -o both.html --draws 300 $figures
grep -q 'searched for on the training part alone' both.html || wrong "the page does not say what was tuned"
run 0 check --baseline both.h5 both.h5
shown 'identical'

# -- another choice is another policy of the same name: compared, with its values in the command
sed 's/\[1%, 40%\]/[40%]/' both.yaml >other.yaml
results other other.yaml
run 1 check --baseline both.h5 other.h5
shown 'vpa, test'
grep -q 'allocator.margin=40%' out || wrong "the command of the worst cell lacks the chosen value: $(cat out)"

# -- another time of the trace is not compared, of results and of runs
sed 's/test: 10h/test: 8h/' both.yaml >shorter.yaml
results shorter shorter.yaml
run 4 check --baseline both.h5 shorter.h5
shown 'it was from 10h until 21h, warmup 1h, and is from 10h until 19h, warmup 1h'
shown 'fixed, train     identical'
for window in --until=12h --from=2h --set=control.warmup=2h; do
    run 0 simulate -q -t a.h5 --predictor vpa --allocator envelope -o all.h5
    run 0 simulate -q -t a.h5 --predictor vpa --allocator envelope "$window" -o part.h5
    run 4 check --baseline all.h5 part.h5
    shown 'another time of trace a.h5 is scored: it was all'
    run 0 check --baseline part.h5 part.h5
done

# -- a part in which nothing lies is told when it is planned
sed 's/test: 10h/test: 1h/; s/train: 10h/train: 30h/' both.yaml >late.yaml
run 0 sweep plan late.yaml -o late
grep -q 'warning: late.yaml: part test: a: .* (from 31h until 32h); its cells will fail' err ||
    wrong "a test beyond the trace: $(cat err)"
printf '%s\n' 'traces: [{file: a.h5, units: "nobody-*"}]' 'policies: [{name: p}]' >nobody.yaml
run 0 sweep plan nobody.yaml -o nobody
grep -q 'part whole: .*matches .nobody-' err || wrong "a pattern that matches nobody: $(cat err)"
printf '%s\n' 'traces: [a.h5]' 'policies: [{name: p}]' 'split: {warmup: 2d}' >warm.yaml
run 0 sweep plan warm.yaml -o warm
grep -q 'part whole: .* (from 2d)' err || wrong "a warm-up longer than the trace: $(cat err)"

# -- machines are figures of cells, the same as of a run
P=machines=3,machine_cores=4,machine_memory=16Gi
cat >machines.yaml <<YAML
traces: [a.h5]
platform: "simulated:$P"
policies:
  - {name: fixed, allocator: "static:cpu=1,memory=2Gi"}
  - {name: vpa, predictor: vpa, allocator: envelope}
metrics: [machines.density, machines.cpu_utilisation_mean]
YAML
results machines machines.yaml
run 0 compare machines.h5 --format json
for name in density cpu_utilisation_mean; do
    grep -q "\"machines.$name\"" out || wrong "machines.$name is not compared"
done
run 0 dump machines.h5 cells
awk -F, 'NR == 1 { for (i = 1; i <= NF; i++) if ($i ~ /^machines_cpu_utilisation_mean$/) at = NF - i }
    NR == 2 { print $(NF - at) }' out >of_cell
run 0 simulate -q -t a.h5 --platform "simulated:$P" --allocator static:cpu=1,memory=2Gi --format json
sed -n 's/.*"cpu_utilisation_mean": \([0-9.e-]*\).*/\1/p' out >of_run
awk 'NR == FNR { a = $1; next } { exit !(a > 0 && a - $1 < 1e-12 && $1 - a < 1e-12) }' of_cell of_run ||
    wrong "the cell has $(cat of_cell), the run $(cat of_run)"
run 0 report machines.h5 -o machines.html --no-figures --draws 300
grep -q '<h3>Machines</h3>' machines.html || wrong "the page has no table of machines"
grep -q '<h3>Machines</h3>' both.html && wrong "a table of machines where there were none"
run 0 check --baseline machines.h5 machines.h5 --max-regress machines.density=0

# -- what is wrong with a tolerance is told
run 2 check --baseline machines.h5 machines.h5 --max-regress slak=2%
grep -q 'did you mean .slack.' err || wrong "a short name that is misspelt: $(cat err)"
run 2 check --baseline machines.h5 machines.h5 --max-regress slack=2%,cpu.slack_relative=3%
grep -q 'cpu.slack_relative has two tolerances' err || wrong "two tolerances of one metric: $(cat err)"
run 2 check --baseline machines.h5 machines.h5 --max-regress slack
grep -q 'slack=2%' err || wrong "a tolerance without an amount: $(cat err)"
exit "$status"
