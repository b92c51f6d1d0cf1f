#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# plan: on a fleet that is known in full, are machines, hours, money, savings and recommended limits what they are by hand; are
# objects for Kubernetes what a YAML reader and kustomize take, whatever units are called; and is nonsense refused?
set -uo pipefail

: "${ALMANAC:?the program}" "${SOURCE:?the source tree}"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work" || exit 1
export TMPDIR=$work/tmp
mkdir tmp
failed=0

wrong()
{
    echo "FAILED: $*"
    failed=1
}

# status WANTED COMMAND...: stdout in out, stderr in err.
status()
{
    local wanted=$1 got
    shift
    "$ALMANAC" "$@" >out 2>err
    got=$?
    [ "$got" -eq "$wanted" ] || wrong "$*: status $got, $wanted is right: $(head -3 err)"
}

says()
{
    grep -qF -e "$1" err || wrong "not said: $1; but: $(cat err)"
}

# is PATH VALUE: in the JSON in out, within 1e-9 of it.
is()
{
    awk -f "$SOURCE/scripts/json-paths.awk" out | awk -F '\t' -v path="$1" -v want="$2" '
        $1 == path { found = 1; got = $2; off = got - want; good = got == want || (want + 0 == want && off * off < 1e-18 * (1 + want * want)) }
        END { if (!found) print "FAILED: no " path; else if (!good) print "FAILED: " path " is " got ", not " want; exit !good }' ||
        failed=1
}

# A known fleet: a and b use 1 core and 1 GiB from 300 s to a day, c the same from 43500 s on. Each has 4 cores and 8 GiB today.
# Decisions are at each 300 s from the first sample on, so a and b count 86100 s, c 42900 s: 215100 s, 59.75 hours.
awk 'BEGIN { print "time,unit,cpu,memory"
    for (t = 300; t <= 86400; t += 300) {
        print t ",a,1,1073741824"; print t ",b,1,1073741824"
        if (t >= 43500) print t ",c,1,1073741824"
    } }' >known.csv
status 0 import csv:cores=4,memory_capacity=8Gi known.csv -o known.h5
status 0 plan -q known.h5 --policy static:cpu=2,memory=2Gi --machine name=small,cores=4,memory=8Gi,cost=2 \
    --machine name=large,cores=8,memory=16Gi,cost=3 --cost cpu=0.1,memory=0.01 --currency EUR --format json
cp out known.json
is schema almanac.plan/1
is trace.units 3
is today.core_hours 239           # 59.75 h * 4
is today.gib_hours 478            # 59.75 h * 8
is today.price 28.68              # 239 * 0.1 + 478 * 0.01
is policy.core_hours 119.5
is policy.gib_hours 119.5
is policy.saved.core_hours.share.value 0.5
is policy.saved.core_hours.amount.value 119.5
is policy.saved.gib_hours.share.value 0.75
is oracle.core_hours 59.75
is oracle.gib_hours 59.75
is today.machines.0.peak 3        # one unit each
is today.machines.0.peak_at_least 3
is today.machines.0.peak_at_s 43500
is today.machines.0.mean "$(awk 'BEGIN { printf "%.15g", (43200 * 2 + 42900 * 3) / 86100 }')"
is today.machines.0.p95 3
is today.machines.0.price 143.5   # 3 * 2 EUR * 23.91666 h
is today.machines.1.peak 2
is today.machines.1.price 143.5
is today.machines.0.cheapest true # of equal prices the first
is policy.machines.0.peak 2       # 2 + 2 cores on one, 2 on another
is policy.machines.1.peak 1
is policy.machines.1.cheapest true # 3 * 23.9 h, not 2 * 2 * 23.9 h
is policy.machines.0.cheapest false
is oracle.machines.0.peak 1
is oracle.machines.0.mean 1
is oracle.harm.oom_kills 0
is oracle.harm.cpu_overrun_time_share.value 0
is units.0.cpu_millicores.today 4000
is units.0.cpu_millicores.target 2000
is units.0.memory_bytes.max 2147483648
is units.0.memory_bytes.change -0.75

# Half a core is too little for those who want one: above the limit all the time, throttled all the time that is under a limit.
status 0 plan -q known.h5 --policy static:cpu=500m,memory=2Gi --machine cores=4,memory=8Gi --format json
is policy.harm.cpu_overrun_time_share.value 1
is policy.harm.throttled_hours.value 59.75
is today.harm.throttled_hours.value 0
# Headroom: 10 % of 4 cores leaves room for 3 of 1, 30 % for 2.
status 0 plan -q known.h5 --policy static:cpu=1,memory=2Gi --machine cores=4,memory=8Gi --headroom 30% --format json
is policy.machines.0.peak 2
is today.machines.0.units_too_large 3
says "larger than machine"

# The range of the last day: 3 cores from 8 to 12 o'clock, else 1. The last decision is 1; 16.6 % of the time is above the 95th
# percentile's 5, so the range reaches to 3. In open loop, or the limit of 1 would hide the 3.
awk 'BEGIN { print "time,unit,cpu,memory"
    for (t = 300; t <= 86400; t += 300) print t ",a," (t > 28800 && t <= 43200 ? 3 : 1) ",1073741824" }' >steps.csv
status 0 import csv:cores=4,memory_capacity=8Gi steps.csv -o steps.h5
status 0 plan -q steps.h5 --policy 'last + envelope:margin=0' --machine cores=4,memory=8Gi --format json \
    --set platform.open_loop=true
is units.0.cpu_millicores.min 1000
is units.0.cpu_millicores.target 1000
is units.0.cpu_millicores.max 3000
is oracle.core_hours "$(awk 'BEGIN { printf "%.15g", (86100 + 2 * 14400) / 3600 }')"

# A policy that never has a limit: today's stands in, nothing is recommended. Where the trace knows none, that is said.
status 0 plan -q known.h5 --policy envelope --machine cores=4,memory=8Gi --format json --patch none.yaml
is policy.core_hours 239
is policy.cpu_unlimited_share 1
is policy.cpu_unknown_share 0
is units.0.cpu_millicores.target null
says "3 units have no limit to recommend"
says "policy: for 100 % of the unit-time it has no limit of cpu, and today's stands in"
[ ! -s none.yaml ] || wrong "a patch without a limit: $(cat none.yaml)"
status 0 import csv known.csv -o unknown.h5
status 0 plan -q unknown.h5 --policy envelope --machine cores=4,memory=8Gi --format json
is policy.memory_unknown_share 1
is policy.machines.0.peak 0
says "for 100 % of the unit-time there is no limit of memory"

# The same bytes again, and with threads; --runs keeps the files, and otherwise nothing is left behind.
for threads in 1 2; do
    status 0 plan -q known.h5 --policy 'vpa + envelope' --machine cores=4,memory=8Gi --format json --threads "$threads" --runs runs
    cp out "$threads.json"
done
cmp 1.json 2.json || wrong "threads change the plan"
for side in today policy oracle; do [ -f "runs/$side.h5" ] || wrong "--runs kept no $side.h5"; done
status 0 info runs/oracle.h5
[ -z "$(ls tmp)" ] || wrong "left in TMPDIR: $(ls tmp)"

# CSV: all units; --rows says how many; text says today and what to do.
status 0 plan -q known.h5 --policy static:cpu=2,memory=2Gi --machine cores=4,memory=8Gi --format csv
grep -q '^a,,4000,8589934592,2000,2000,2000,2147483648,2147483648,2147483648,,,-50,-75,the limit given in the options$' out ||
    wrong "the row of a: $(grep ^a out)"
[ "$(wc -l <out)" -eq 4 ] || wrong "CSV has $(wc -l <out) lines, not 4"
status 0 plan -q known.h5 --policy static:cpu=2,memory=2Gi --machine cores=4,memory=8Gi --rows 2
grep -q '2 of 3 units' out || wrong "--rows 2: $(tail -5 out)"
grep -qE '^  at the peak, packed +3 +2 +1$' out || wrong "text: $(grep packed out)"

# Names that break a shell, YAML, Go templates and labels. A newline or tab in a name is not imported as such; docs say how.
cat >evil.csv <<'END'
time,unit,cpu,memory
300,"a: b # ""c""",1,1000000
600,"a: b # ""c""",1,1000000
300,{{ .Values.x }},1,1000000
600,{{ .Values.x }},1,1000000
300,- `touch pwned` $(touch pwned),1,1000000
600,- `touch pwned` $(touch pwned),1,1000000
300,yes,1,1000000
600,yes,1,1000000
300,Yes,1,1000000
600,Yes,1,1000000
300,1e3,1,1000000
600,1e3,1,1000000
300,"it's\n ünï 🐋 %d %s",1,1000000
600,"it's\n ünï 🐋 %d %s",1,1000000
END
status 0 import csv:cores=2,memory_capacity=1Gi evil.csv -o evil.h5
status 0 plan -q evil.h5 --policy 'last + envelope' --machine cores=4,memory=8Gi --vpa vpa.yaml --patch patch.yaml --format json
says "wrote vpa.yaml: 7 units"
[ ! -e pwned ] || wrong "a unit's name was run"
if python3 -c 'import yaml' 2>/dev/null; then
    python3 - evil.csv <<'END' || failed=1
import csv, re, sys, yaml
names = {row["unit"] for row in csv.DictReader(open(sys.argv[1], encoding="utf-8"))}
bad = 0
def check(good, text):
    global bad
    if not good:
        print("FAILED:", text)
        bad = 1
for path in ("vpa.yaml", "patch.yaml"):
    docs = list(yaml.safe_load_all(open(path, encoding="utf-8")))
    check({d["metadata"]["annotations"]["almanac.plan/unit"] for d in docs} == names, path + ": names of units")
    labels = [d["metadata"]["name"] for d in docs]
    check(len(set(labels)) == len(names), path + ": labels are not all different")
    check(all(isinstance(x, str) and re.fullmatch("[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?", x) for x in labels), path + ": labels")
    for d in docs:
        if path == "vpa.yaml":
            check(d["apiVersion"] == "autoscaling.k8s.io/v1" and d["kind"] == "VerticalPodAutoscaler", "the kind")
            check(d["spec"]["targetRef"] == {"apiVersion": "apps/v1", "kind": "Deployment", "name": d["metadata"]["name"]}, "targetRef")
            check(d["spec"]["updatePolicy"] == {"updateMode": "Off"}, "updateMode is a string")
            [c] = d["spec"]["resourcePolicy"]["containerPolicies"]
            check(c["minAllowed"] == c["maxAllowed"] == {"cpu": "1150m", "memory": "1150000"}, "the range: %s" % c)
        else:
            [c] = d["spec"]["template"]["spec"]["containers"]
            check(c["resources"]["limits"] == c["resources"]["requests"] == {"cpu": "1150m", "memory": "1150000"}, "limits: %s" % c)
            check(c["name"] == d["metadata"]["name"], "the container's name")
sys.exit(bad)
END
else
    echo "SKIP: python3 has no yaml: the objects were not read by another program"
fi
if command -v kubectl >/dev/null && kubectl kustomize --help >/dev/null 2>&1; then
    sed -n 's/^  name: //p' patch.yaml | while read -r name; do
        printf -- '---\napiVersion: apps/v1\nkind: Deployment\nmetadata: {name: %s}\nspec:\n  template:\n    spec:\n      containers:\n      - {name: %s, image: web}\n' \
            "$name" "$name"
    done >deployments.yaml
    printf 'resources: [deployments.yaml]\npatches:\n- path: patch.yaml\n' >kustomization.yaml
    kubectl kustomize . >patched.yaml 2>err || wrong "kustomize: $(cat err)"
    [ "$(grep -c 'cpu: 1150m' patched.yaml)" -eq 14 ] || wrong "kustomize patched $(grep -c 'cpu: 1150m' patched.yaml) of 14 amounts"
    [ "$(grep -c 'image: web' patched.yaml)" -eq 7 ] || wrong "kustomize added containers"
else
    echo "SKIP: kubectl is not installed: patches were not applied by kustomize"
fi
status 0 plan -q evil.h5 --policy 'last + envelope' --machine cores=4,memory=8Gi --patch patch.yaml --container app --units yes
[ "$(grep -c 'name: "app"' patch.yaml)" -eq 1 ] || wrong "--container and --units: $(cat patch.yaml)"

# A trace that does not say what units have: today is left out, and said.
status 0 import csv evil.csv -o bare.h5
status 0 plan -q bare.h5 --policy 'last + envelope' --machine cores=4,memory=8Gi --format json
says "today is left out: the trace does not say how much cpu"
is today.known false
is policy.known true

# A figure, where gnuplot is.
if command -v gnuplot >/dev/null; then
    status 0 plan -q known.h5 --policy static:cpu=2,memory=2Gi --machine cores=4,memory=8Gi --plot a.svg
    status 0 plan -q known.h5 --policy static:cpu=2,memory=2Gi --machine cores=4,memory=8Gi --plot b.svg
    cmp a.svg b.svg || wrong "equal plans, other figures"
    for word in 'today: 3' 'policy: 2' 'oracle (sees the future): 1'; do
        grep -qF "$word" a.svg || wrong "the figure does not say $word"
    done
    status 0 plan -q bare.h5 --policy 'last + envelope' --machine cores=4,memory=8Gi --plot c.svg
else
    echo "SKIP: gnuplot is not installed"
fi

# What makes no plan.
M="--machine cores=4,memory=8Gi"
for bad in "plan known.h5 --policy vpa" "plan $M --policy vpa" "plan known.h5 $M" "plan known.h5 $M --policy vap" \
    "plan known.h5 --policy vpa --machine cores=4" "plan known.h5 --policy vpa --machine cors=4,memory=8Gi" \
    "plan known.h5 --policy vpa --machine cores=-1,memory=8Gi" "plan known.h5 $M --policy vpa --headroom 100%" \
    "plan known.h5 $M --policy vpa --cost gpu=1" "plan known.h5 $M --policy vpa --cost cpu=-1" \
    "plan known.h5 $M --policy vpa --cost cpu=nan" "plan known.h5 $M --policy vpa --rows 0" \
    "plan known.h5 known.h5 $M --policy vpa" "plan known.h5 $M --policy vpa --plot x.gif" \
    "plan known.h5 $M --policy vpa --units nobody" "plan known.h5 $M,cost=1 $M --policy vpa" \
    "plan known.h5 $M --policy vpa --set predictor.nothing=1"; do
    # shellcheck disable=SC2086 # words are meant
    status 2 $bad -q
    [ -s err ] || wrong "$bad: nothing is said"
done
status 4 plan known.csv --policy vpa --machine cores=4,memory=8Gi
[ -z "$(ls tmp)" ] || wrong "left in TMPDIR after failures: $(ls tmp)"
exit "$failed"
