#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# report_browser: is the page of an experiment drawn by a browser, sorted by a click, and does it ask for nothing?
set -u
: "${ALMANAC:?the program}" "${SOURCE:?the source tree}"
browser=$(command -v chromium || command -v chromium-browser || command -v google-chrome) || {
    echo "SKIP: no chromium"
    exit 0
}
work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT
cd "$work" || exit 1
failed=0

wrong()
{
    echo "FAILED: $*"
    failed=1
}

# Its sandbox is not for root; its shared memory may be larger than that of a container.
sandbox=
[ "$(id -u)" -ne 0 ] || sandbox=--no-sandbox

# browse ARGUMENT...: a browser with a profile of its own that resolves no name.
browse()
{
    # shellcheck disable=SC2086 # none or one word
    HOME=$work timeout -k 5 120 "$browser" --headless $sandbox --disable-dev-shm-usage --disable-gpu --no-first-run \
        --disable-background-networking --user-data-dir="$work/profile" --host-resolver-rules='MAP * ~NOTFOUND' "$@" \
        2>chromium.log
}

awk 'BEGIN { srand(3); print "time,unit,cpu,memory"
    for (t = 1; t <= 100; t++) for (u = 0; u < 7; u++)
        printf "%d,u%d,%.4f,%d\n", 300 * t, u, 0.2 + 0.1 * u + 0.3 * rand(), 1e8 * (1 + rand()) }' >in.csv
cat >spec.yaml <<'END'
traces: [in.h5]
policies:
  - {name: static, predictor: none, allocator: static}
  - {name: reactive, predictor: none, allocator: reactive}
  - {name: vpa, predictor: vpa, allocator: envelope}
baseline: static
metrics: [cpu.slack_relative, cpu.overrun_time_share]
END
figures=
command -v gnuplot >/dev/null || figures=--no-figures
{
    "$ALMANAC" import csv:cores=4,memory_capacity=8Gi in.csv -o in.h5 && "$ALMANAC" sweep plan spec.yaml -o runs &&
        "$ALMANAC" sweep run runs -j 1 --quiet && "$ALMANAC" sweep merge runs -o results.h5 --quiet &&
        "$ALMANAC" report results.h5 -o report.html --draws 500 $figures
} >out 2>err || {
    echo "FAILED: no page: $(tail -3 err)"
    exit 1
}

# The page with a visitor: it reads the third column before and after clicks on its header, and what was asked for.
sed '$d' report.html >visited.html
cat >>visited.html <<'END'
<script>
const t = document.querySelector('table.sortable'), h = t.querySelectorAll('thead th')[2];
const read = () => [...t.tBodies[0].rows].map(r => +r.cells[2].dataset.v);
const rises = a => a.every((x, i) => i === 0 || a[i - 1] <= x);
const first = read(); h.querySelector('button').click(); const up = read(), said = h.getAttribute('aria-sort');
h.querySelector('button').click(); const down = read();
const svg = [...document.querySelectorAll('figure svg')].map(s => s.getBoundingClientRect());
const small = svg.filter(b => b.width < 300 || b.height < 50).length;
const p = document.createElement('pre'); p.id = 'visitor';
p.textContent = 'rows=' + first.length + ' up=' + rises(up) + ' down=' + rises([...down].reverse()) + ' differ=' +
    (up.join() !== down.join()) + ' aria=' + said + ' small=' + small + ' asked=' +
    performance.getEntriesByType('resource').length + ' wide=' + (document.documentElement.scrollWidth <= innerWidth);
document.body.append(p);
</script>
</html>
END
browse --dump-dom "file://$work/visited.html" >dom || browse --dump-dom "file://$work/visited.html" >dom || {
    echo "SKIP: the browser does not run here: $(tail -1 chromium.log)"
    exit 0
}
seen=$(sed -n 's/.*<pre id="visitor">\([^<]*\)<.*/\1/p' dom)
[ "$seen" = "rows=3 up=true down=true differ=true aria=ascending small=0 asked=0 wide=true" ] || wrong "the visitor saw: $seen"
browse --window-size=420,900 --dump-dom "file://$work/visited.html" >dom
grep -q 'wide=true' dom || wrong "a narrow page is wider than its window"

# A page that is drawn is no blank sheet: a blank PNG of this size has a few kilobytes.
browse --hide-scrollbars --window-size=1000,1400 --screenshot="$work/page.png" "file://$work/report.html" >/dev/null
[ "$(wc -c <page.png)" -gt 20000 ] || wrong "the page is blank: $(wc -c <page.png) bytes"

# On paper: some pages, whatever is dark or folded on the screen.
browse --no-pdf-header-footer --print-to-pdf="$work/page.pdf" "file://$work/report.html" >/dev/null
[ "$(head -c 5 page.pdf)" = "%PDF-" ] || wrong "the page cannot be printed: $(tail -1 chromium.log)"
exit "$failed"
