# SPDX-License-Identifier: GPL-3.0-or-later
# strip: C without its comments and without what stands in string and character literals, line for line.
# The path of an #include stays. A line that ends in a backslash is joined to the next, whose line is left empty.
function strip(line,    out, i, c, two, quote) {
    out = ""
    if (!inside && line ~ /^[ \t]*(#|%:)[ \t]*include/) {
        sub(/\/\*.*/, "", line)
        sub(/[ \t]\/\/.*/, "", line)
        return line
    }
    for (i = 1; i <= length(line); i++) {
        c = substr(line, i, 1)
        two = substr(line, i, 2)
        if (inside) {
            if (two == "*/") { inside = 0; i++; out = out " " }
        } else if (two == "/*") {
            inside = 1; i++
        } else if (two == "//") {
            break
        } else if (c == "\"" || c == "'") {
            quote = c
            for (i++; i <= length(line) && substr(line, i, 1) != quote; i++)
                if (substr(line, i, 1) == "\\") i++
            out = out quote quote
        } else {
            out = out c
        }
    }
    return out
}
FNR == 1 { inside = 0; held = ""; owed = 0 }
{
    if ($0 ~ /\\$/) { held = held substr($0, 1, length($0) - 1); owed++; next }
    print strip(held $0)
    for (; owed > 0; owed--) print ""
    held = ""
}
