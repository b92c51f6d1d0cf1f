#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# report: is the page of an experiment whole, self-contained, readable by a parser, equal when made twice, and not there when it fails?
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

awk 'BEGIN { srand(7); print "time,unit,cpu,memory"
    for (t = 1; t <= 200; t++) for (u = 0; u < 8; u++)
        printf "%d,u%d,%.4f,%d\n", 300 * t, u, 0.2 + 0.1 * u + 0.3 * rand(), 1e8 * (1 + rand()) }' >in.csv
status 0 import csv:cores=4,memory_capacity=8Gi in.csv -o in.h5
cat >spec.yaml <<'END'
traces:
  - {file: in.h5, name: "`touch pwned` <b>bold</b> </script>"}
policies:
  - {name: static, predictor: none, allocator: static}
  - {name: "vpa<i>", predictor: vpa, allocator: envelope}
  - {name: oracle, predictor: oracle, allocator: envelope}
factors:
  "vpa<i>.allocator.margin": [0, 0.25]
baseline: static
metrics: [cpu.slack_relative, cpu.overrun_time_share, memory.oom_kills]
END
status 0 sweep plan spec.yaml -o runs
status 0 sweep run runs -j 1 --quiet
status 0 sweep merge runs -o results.h5 --quiet
[ "$failed" -eq 0 ] || exit 1

status 0 report results.h5 -o plain.html --no-figures --draws 500
status 0 report results.h5 -o again.html --no-figures --draws 500
cmp -s plain.html again.html || wrong "the same file gives another page"
page=plain.html
if command -v gnuplot >/dev/null; then
    status 0 report results.h5 -o report.html --draws 500
    page=report.html
    [ "$(grep -c '<figure' "$page")" -ge 5 ] || wrong "fewer than five figures"
    grep -q 'Reliability of stated confidence' "$page" || wrong "the page lacks the diagram of reliability"
    for p in curves differences regret traces reliability; do
        status 0 plot results.h5 --page "$p" -o "$p.svg"
        grep -q '<b>\|<i>' "$p.svg" && wrong "$p.svg has an element that a name made"
    done
    # Cells of one trace and seed: the strip of differences is the figure of the cell.
    status 0 plot results.h5 --page reliability -r cpu -o strip.svg --keep-script
    "$ALMANAC" dump results.h5 cells --columns policy,cpu_coverage_gap >gaps
    awk -F, 'NR > 1 && $2 != "" { printf "%.6g\n", 100 * $2 }' gaps | sort >want
    awk '/^\$line/ { n++ } n == 2 && NF == 4 && $1 > -1e29 { print $2 } n == 2 && /^EOD/ { exit }' strip.gp | sort >got
    [ -s want ] && cmp -s want got || wrong "the diagram does not show the gaps of the cells: $(paste want got)"
    status 0 plot results.h5 --style paper --size 88x60mm -o paper.svg
    # 88 mm at 96 pixels an inch: 332.6; 60 mm: 226.8
    grep -q 'width="333" height="227"' paper.svg || wrong "paper.svg: not 88 x 60 mm: $(sed -n 3p paper.svg)"
    status 2 plot results.h5 --page differences --style paper --size 88x30mm -o x.svg
    grep -q 'mm) are needed' err || wrong "not said how high: $(cat err)"
    status 2 plot results.h5 --page curvs -o x.svg
    grep -q 'did you mean "curves"' err || wrong "no nearest page: $(cat err)"
    status 2 plot results.h5 --unit u1 -o x.svg
else
    echo "SKIP: figures of results: no gnuplot"
fi
[ -e pwned ] && wrong "a name was run"
grep -q '<b>bold\|<i>' "$page" && wrong "a name became markup"
grep -Eq "https?:|src=|url\((['\"]?)[^#'\")]|@import|<link" "$page" && wrong "the page refers to something outside"
tail -1 "$page" | grep -q '</html>' || wrong "the page is not whole"

if command -v python3 >/dev/null; then
    python3 - "$page" <<'END' || wrong "the page is not well made"
import html.parser, json, sys
VOID = {"meta", "br", "path", "use", "rect", "circle", "polygon", "polyline", "line"}
class Page(html.parser.HTMLParser):
    def __init__(self):
        super().__init__()
        self.open, self.ids, self.data, self.bad, self.names = [], [], "", [], 0
    def handle_starttag(self, tag, attrs, closed=False):
        a = dict(attrs)
        if "id" in a:
            self.ids.append(a["id"])
        if tag == "th" and a.get("scope") not in ("row", "col"):
            self.bad.append("a header without scope")
        if tag == "svg" and a.get("role") != "img":
            self.bad.append("a figure that is no picture")
        if any(k.startswith("on") for k in a):
            self.bad.append("a handler")
        if tag == "script" and a.get("type") == "application/json":
            self.names = 1
        if not closed and tag not in VOID:
            self.open.append(tag)
    def handle_startendtag(self, tag, attrs):
        self.handle_starttag(tag, attrs, True)
    def handle_endtag(self, tag):
        if not self.open or self.open.pop() != tag:
            self.bad.append("a stray end of " + tag)
        self.names = 0
    def handle_data(self, data):
        if self.names:
            self.data += data
page = Page()
page.feed(open(sys.argv[1], encoding="utf-8").read())
data = json.loads(page.data)
assert not page.bad and not page.open, (page.bad, page.open)
assert len(page.ids) == len(set(page.ids)), "an id twice"
assert len(data["cells"]) == 4 and data["schema"] == "almanac.report/1", data["schema"]
assert data["cells"][0]["trace"] == "`touch pwned` <b>bold</b> </script>", data["cells"][0]["trace"]
END
else
    echo "SKIP: the page by a parser: no python3"
fi

PATH=/nowhere "$ALMANAC" report results.h5 -o gone.html --draws 500 >out 2>err
[ $? -eq 3 ] || wrong "without gnuplot: not status 3"
[ -e gone.html ] && wrong "a page without its figures was left"
ls gone.html.* 2>/dev/null && wrong "a temporary file was left"
status 4 report in.csv -o x.html
status 2 report results.h5
status 2 report results.h5 -o results.h5
[ -e x.html ] && wrong "a page of nothing"
exit "$failed"
