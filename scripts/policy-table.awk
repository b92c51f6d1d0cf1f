# SPDX-License-Identifier: GPL-3.0-or-later
# policy-table: one aligned row per file of "path<TAB>value" lines, which json-paths.awk makes of `simulate --format json`.
# A figure that a run does not have (no memory in the trace, no envelope) is shown as "-".

function get(key) {
    return (FILENAMES, key) in seen ? seen[FILENAMES, key] : ""
}

function number(value, format) {
    return value == "" || value == "null" ? "-" : sprintf(format, value)
}

function percent(value) {
    return value == "" || value == "null" ? "-" : sprintf("%.2f%%", 100 * value)
}

function add(text) {
    cell[rows, ++column] = text
    if (length(text) > width[column]) width[column] = length(text)
}

function row(f) {
    FILENAMES = f
    column = 0
    rows++
    oracle = get("oracle") == "true" || get("oracle") == 1
    if (oracle) marked = 1
    add(get("name") (oracle ? "*" : ""))
    add(percent(get("cpu.slack_relative")))
    add(percent(get("cpu.overrun_time_share")))
    add(percent(get("cpu.coverage_upper")))
    add(number(get("cpu.limit_changes_per_unit_day"), "%.1f"))
    add(percent(get("memory.slack_relative")))
    add(number(get("memory.oom_kills"), "%d"))
    add(percent(get("memory.oom_free_unit_days_share")))
    add(number(get("state_bytes_per_unit"), "%d"))
    add(number(get("seconds"), "%.2f"))
}

# Two lines of heads: what it is about, then what is told of it.
BEGIN {
    about = "|CPU|CPU|CPU|CPU|memory|memory|days|state|"
    told = "policy|slack|overrun|covered|changes/d|slack|OOM kills|OOM-free|bytes|seconds"
    for (rows = 1; rows <= 2; rows++) {
        split(rows == 1 ? about : told, head, "|")
        column = 0
        for (i = 1; i <= 10; i++) add(head[i])
    }
    rows = 2
}

FNR == 1 { files++ }
{
    key = $1
    sub(/^metrics\./, "", key)
    sub(/^pooled\./, "", key)
    seen[files, key] = $2
}

END {
    for (f = 1; f <= files; f++) row(f)
    for (i = 1; i <= rows; i++) {
        line = sprintf("%-" width[1] "s", cell[i, 1])
        for (c = 2; (1, c) in cell; c++) line = line sprintf("  %" width[c] "s", cell[i, c])
        print line
    }
    print ""
    print "slack: granted and not used; overrun: time with demand above the limit; covered: envelopes whose max held;"
    print "changes/d: limit changes per unit-day; days OOM-free: unit-days without a kill; state bytes: per unit"
    if (marked) print "* sees the future: what could be reached, not what anyone can do"
}
