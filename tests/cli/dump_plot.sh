#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# dump_plot: do tables come out as they went in, decisions one per time and unit, and figures whole, equal and harmless?
set -u
: "${ALMANAC:?the program}" "${SOURCE:?the source tree}"
work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT
cd "$work" || exit 1
failed=0

wrong()
{
    echo "FAILED: $*"
    failed=1
}

# status WANTED COMMAND...: stdout in out, stderr in err.
status()
{
    wanted=$1
    shift
    "$ALMANAC" "$@" >out 2>err
    got=$?
    [ "$got" -eq "$wanted" ] || wrong "$*: status $got, $wanted is right: $(head -3 err)"
}

# says TEXT: the last command's stderr does.
says()
{
    grep -qF -e "$1" err || wrong "not said: $1; but: $(cat err)"
}

# Names that a spreadsheet, a shell or gnuplot would stumble over; times with parts of a second; missing values.
cat >in.csv <<'END'
time,unit,cpu,memory
300,plain,0.1,1000
600.5,plain,,2000
900,plain,0.300000000004,
300,"a,b ""c""",1e-05,4096
600,"a,b ""c""",2.5,8192
300,`touch pwned`,1,1
600,`touch pwned`,2,2
END
status 0 import csv in.csv -o t.h5
status 0 dump t.h5 usage --columns time_s,unit,cpu,memory
sed 's/^time,/time_s,/' in.csv >want.csv
cmp -s want.csv out || wrong "usage is not what was imported: $(diff want.csv out)"
status 0 dump t.h5 usage --unit 'a,b "c"' --columns cpu
[ "$(tr '\n' ' ' <out)" = "cpu 1e-05 2.5 " ] || wrong "--unit and --columns: $(cat out)"
status 0 dump t.h5 units --columns name,rows,first_s,last_s
grep -qx 'plain,3,300,900' out || wrong "units: $(cat out)"

# A run: one row per decision time and unit, by unit then time; --changes leaves out what did not change.
awk 'BEGIN { print "time,unit,cpu,memory"
    for (u = 0; u < 3; u++) for (k = 1; k <= 600; k++)
        printf "%d,%s,%.4f,%d\n", k * 300, u == 1 ? "$(touch pwned)" : "vm-" u,
            (2 + u) * (1.1 + sin(k / 46)) * (0.8 + (k * 7919 % 1000) / 2500), 1e9 + 4e8 * sin(k / 91) }' >long.csv
status 0 import csv long.csv -o long.h5
status 0 simulate -q -t long.h5 --predictor vpa --allocator envelope:margin=0 -o vpa.h5
status 0 simulate -q -t long.h5 --predictor moving-max --allocator envelope:margin=0 -o max.h5
status 0 simulate -q -t long.h5 --predictor oracle --allocator envelope:margin=0 -o oracle.h5
status 0 dump max.h5 decisions
cp out decisions.csv
head -1 out >first
echo "time_s,unit,cpu_limit_millicores,memory_limit_bytes,cpu_applied_millicores,memory_applied_bytes,reason" >want
cmp -s first want || wrong "columns of decisions: $(cat first)"
tail -n +2 out | awk -F, '
    $2 != unit { if ($2 in seen) exit 1; seen[$2] = 1; unit = $2; last = -1 }
    $1 < last { exit 1 }
    { last = $1; n[$2]++ }
    END { for (u in n) if (n[u] < 595 || n[u] > 660) exit 1 }' || wrong "decisions are not one per time and unit, sorted"
status 0 dump max.h5 decisions --changes
tail -n +2 decisions.csv | awk -F, '{ now = $3 FS $4 FS $5 FS $6 } $2 != unit || now != last { print } { unit = $2; last = now }' >want
tail -n +2 out >got
cmp -s got want || wrong "--changes is not the rows whose limits differ"
[ "$(wc -l <got)" -lt "$(wc -l <decisions.csv)" ] || wrong "--changes leaves nothing out"
for table in samples envelopes metrics units reasons; do
    status 0 dump vpa.h5 "$table"
    [ "$(wc -l <out)" -gt 1 ] || wrong "table $table is empty"
done
"$ALMANAC" dump max.h5 decisions 2>err | head -1 >first
[ -s err ] && wrong "a reader that had enough is no failure: $(cat err)"

if command -v python3 >/dev/null; then
    "$ALMANAC" dump max.h5 decisions --format json >out
    python3 - decisions.csv out <<'END' || wrong "CSV and JSON of decisions differ"
import csv, json, sys
rows = list(csv.DictReader(open(sys.argv[1])))
data = json.load(open(sys.argv[2]))
assert data["schema"] == "almanac.dump/1" and data["table"] == "decisions"
text = [{k: "" if v is None else str(v) for k, v in row.items()} for row in data["rows"]]
assert text == rows, (text[0], rows[0])
END
else
    echo "note: python3 is not installed, so JSON was not compared"
fi

# What a run keeps by day and by stated confidence adds up to its pooled metrics, in seconds, cores and bytes.
status 0 simulate -q -t long.h5 --predictor vpa --allocator envelope:margin=0 --format csv -o again.h5
cp out pooled.csv
status 0 dump again.h5 days
cp out days.csv
status 0 dump again.h5 reliability
cp out reliability.csv
echo "resource,step,windows,covered,confidence,coverage" >want
head -1 reliability.csv | cmp -s - want || wrong "columns of reliability: $(head -1 reliability.csv)"
[ "$(wc -l <days.csv)" -eq 7 ] || wrong "600 intervals of 5 minutes are parts of 3 days, of two resources: $(cat days.csv)"
for resource in cpu memory; do
    awk -F, -v r="$resource" '
        function near(what, got, want) {
            if (got - want > 1e-6 * want + 1e-9 || want - got > 1e-6 * want + 1e-9) { print what ": " got ", " want " is right"; bad = 1 }
        }
        FILENAME == "pooled.csv" { if ($1 == r) pool[$2] = $3; next }
        FNR == 1 { for (i = 1; i <= NF; i++) at[$i] = i; next }
        $1 != r { next }
        FILENAME == "days.csv" {
            for (n in at) sum[n] += $at[n]
            day_stated += $at["windows"] * $at["confidence"]
            near("slack_relative of a day", $at["slack_relative"], $at["slack"] / $at["limit"])
            near("overrun_time_share of a day", $at["overrun_time_share"], $at["overrun_seconds"] / $at["judged_seconds"])
            near("pinball_loss of a day", $at["pinball_loss"], $at["loss"] / $at["value"])
            next
        }
        { windows += $3; covered += $4; stated += $3 * $5; near("coverage of a step", $6, $4 / $3) }
        END {
            near("slack", sum["slack"] / sum["limit"], pool["slack_relative"])
            near("limit", sum["limit"] / 3600, pool["footprint_hours"])
            near("seconds", sum["seconds"] / 86400, pool["scored_unit_days"])
            near("overrun", sum["overrun_seconds"] / sum["judged_seconds"], pool["overrun_time_share"])
            near("loss", sum["loss"] / sum["value"], pool["pinball_loss"])
            near("confidence by day", day_stated / sum["windows"], pool["confidence"])
            near("confidence by step", stated / windows, pool["confidence"])
            near("coverage by day", sum["covered"] / sum["windows"], pool["confidence"] + pool["coverage_gap"])
            near("coverage by step", covered / windows, pool["confidence"] + pool["coverage_gap"])
            if (windows < 100 || (r == "cpu" && sum["overrun_seconds"] == 0)) { print "too little to add up"; bad = 1 }
            exit bad
        }' pooled.csv days.csv reliability.csv >sums || wrong "$resource by day or by confidence: $(cat sums)"
done
status 0 dump again.h5 days --columns day,resource --format json
grep -qx '{"day":0,"resource":"cpu"},' out || wrong "days as JSON: $(cat out)"
status 2 dump again.h5 days --unit vm-0
says 'of all units together'
status 2 dump again.h5 day
says 'did you mean "days"?'
status 2 dump long.h5 days
says 'has no table "days"; it has '

# What is wrong is said, with what would be right.
status 2 dump max.h5 decision
says 'did you mean "decisions"?'
status 2 dump max.h5 decisions --columns time_s,unti
says 'did you mean "unit"?'
status 2 dump max.h5 decisions --unit nobody
status 2 dump max.h5 samples --changes
status 2 dump max.h5 reasons --unit vm-0
status 2 dump max.h5
status 4 dump missing.h5 units
status 4 dump in.csv units
status 2 plot max.h5
status 2 plot max.h5 -o x.bmp
status 2 plot max.h5 long.h5 -o x.svg
status 4 plot missing.h5 -o x.svg
status 2 plot max.h5 -o nowhere/x.svg
status 2 plot max.h5 -o x.svg --from noon
status 2 plot max.h5 -o x.svg --resource cpu
says 'figures of traces'
status 2 plot long.h5 -o x.svg --resource cpuu
says 'it has cpu, memory'
status 2 plot long.h5 -o x.svg --units 0
status 2 plot long.h5 -o x.svg --size 800
status 2 plot long.h5 -o x.svg --unit vm-0 --unit vm-9
says 'no unit "vm-9"'

# Without gnuplot: status 3, the script is left and complete, no figure.
PATH=/nonexistent "$ALMANAC" plot max.h5 -o none.svg 2>err
[ $? -eq 3 ] || wrong "plot without gnuplot: 3 is right: $(cat err)"
says "gnuplot was not found"
[ -s none.gp ] || wrong "plot without gnuplot leaves no script"
[ ! -e none.svg ] || wrong "plot without gnuplot leaves a figure"

if command -v gnuplot >/dev/null; then
    for kind in svg png; do
        for pass in 1 2; do
            status 0 plot max.h5 -o "line$pass.$kind"
            status 0 plot vpa.h5 max.h5 oracle.h5 -o "many$pass.$kind"
            status 0 plot long.h5 -o "trace$pass.$kind"
        done
        for name in line many trace; do
            cmp -s "${name}1.$kind" "${name}2.$kind" || wrong "$name.$kind differs from one time to the next"
        done
    done
    status 0 plot max.h5 --unit '$(touch pwned)' -o e.svg --keep-script
    [ -s e.gp ] || wrong "--keep-script keeps nothing"
    gnuplot -d e.gp >again.svg 2>/dev/null
    cmp -s e.svg again.svg || wrong "the kept script does not draw the same figure"
    status 0 plot t.h5 -o t.svg
    grep -qF '`touch pwned`' t.svg || wrong "a unit's name is not shown as it is"
    status 0 plot long.h5 --resource memory --unit vm-2 --unit vm-0 --size 800x600 -o page.svg
    grep -qF 'Memory in long.h5' page.svg || wrong "page.svg lacks its title"
    grep -qF 'width="800" height="600"' page.svg || wrong "page.svg is not of the size asked for"
    grep -qF 'touch' page.svg && wrong "page.svg shows a unit that was not asked for"
    for text in 'oracle (sees the future)' moving-max 'Slack: granted and not used (%)'; do
        grep -qF "$text" many1.svg || wrong "many.svg lacks: $text"
    done
    grep -qF 'CPU (cores)' line1.svg || wrong "line.svg lacks its axis"
    # Pages of honesty and of learning: of one run, of several, of one that states nothing, of a file without them.
    cp vpa.h5 '$(touch pwned)`touch pwned`.h5'
    for pass in 1 2; do
        status 0 plot vpa.h5 --page reliability -o "rely$pass.svg"
        status 0 plot vpa.h5 max.h5 oracle.h5 '$(touch pwned)`touch pwned`.h5' --page convergence -o "learn$pass.svg"
    done
    for name in rely learn; do
        cmp -s "${name}1.svg" "${name}2.svg" || wrong "$name.svg differs from one time to the next"
    done
    status 0 simulate -q -t long.h5 --predictor vpa --allocator envelope:margin=0 --set control.batch=1 --format csv -o one.h5
    held=$(awk -F, '$1 == "cpu" && $2 == "coverage_upper" { printf "held %.4g %%", 100 * $3 }' out)
    grep -qF "$held" rely1.svg || wrong "the page of reliability does not say: $held"
    for page in reliability convergence; do
        status 0 plot vpa.h5 --page "$page" -o all.svg
        status 0 plot one.h5 --page "$page" -o each.svg
        cmp -s all.svg each.svg || wrong "$page depends on the batches of units"
    done
    for text in 'CPU: stated 90 %' 'Windows in which it held (%)' 'all windows' Memory; do
        grep -qF "$text" rely1.svg || wrong "the page of reliability lacks: $text"
    done
    for text in 'Cost by day on long.h5' 'Pinball loss (%)' '[sees the future]' 'vpa + envelope:margin=0% (2)'; do
        grep -qF -e "$text" learn1.svg || wrong "the page of convergence lacks: $text"
    done
    status 0 simulate -q -t t.h5 --predictor last --allocator envelope:margin=0 -o last.h5
    status 2 plot last.h5 --page reliability -o x.svg
    says 'none of its envelopes states a confidence'
    status 0 plot last.h5 --page convergence -o learn3.png
    status 2 plot vpa.h5 max.h5 --page reliability -o x.svg
    says 'is of one run'
    status 2 plot vpa.h5 --page reliability --unit vm-0 -o x.svg
    status 2 plot vpa.h5 --page convergence --from 1d -o x.svg
    status 2 plot vpa.h5 --page convergance -o x.svg
    says 'did you mean "convergence"'
    [ -z "$(find . -name '*.svg.*' -o -name '*.png.*' -o -name '*.gp.*')" ] || wrong "temporary files are left"
else
    echo "note: gnuplot is not installed, so figures were not drawn"
fi
[ ! -e pwned ] || wrong "a name was run as a command"
exit $failed
