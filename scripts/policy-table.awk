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
    add(percent(get("memory.slack_relative")))
    add(number(get("memory.oom_kills"), "%d"))
    add(percent(get("memory.oom_free_unit_days_share")))
    add(number(get("cpu.limit_changes_per_unit_day"), "%.1f"))
    add(number(get("state_bytes_per_unit"), "%d"))
    add(number(get("seconds"), "%.2f"))
}

BEGIN {
    rows = split("policy|CPU slack|CPU overrun time|CPU coverage|memory slack|OOM kills|OOM-free unit-days|" \
        "CPU changes/unit-day|state bytes/unit|seconds", head, "|") * 0
    rows++
    for (i = 1; i in head; i++) add(head[i])
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
    if (marked) print "* sees the future: what could be reached, not what anyone can do"
}
