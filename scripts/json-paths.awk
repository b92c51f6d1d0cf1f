# SPDX-License-Identifier: GPL-3.0-or-later
# json-paths: each value of a JSON text as a line "a.b.0.c<TAB>value", so that scripts need no JSON tool.
# Strings lose their quotes, escapes stay as written. Meant for our own output: it believes that the text is JSON.
{ text = text $0 "\n" }

function skip() { while (substr(text, at, 1) ~ /[ \t\r\n]/) at++ }

function word(    from) {
    from = ++at
    while (substr(text, at, 1) != "\"") at += substr(text, at, 1) == "\\" ? 2 : 1
    at++
    return substr(text, from, at - 1 - from)
}

function value(path,    c, n, key, from) {
    skip()
    c = substr(text, at, 1)
    if (c == "{" || c == "[") {
        at++
        for (n = 0;; n++) {
            skip()
            if (substr(text, at, 1) ~ /[]}]/) { at++; return }
            if (substr(text, at, 1) == ",") { at++; skip() }
            key = n
            if (c == "{") { key = word(); skip(); at++ }
            value(path == "" ? key : path "." key)
        }
    }
    if (c == "\"") { print path "\t" word(); return }
    from = at
    while (at <= length(text) && substr(text, at, 1) !~ /[],} \t\r\n]/) at++
    print path "\t" substr(text, from, at - from)
}

END { at = 1; value("") }
