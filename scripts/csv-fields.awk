# SPDX-License-Identifier: GPL-3.0-or-later
# csv-fields: the fields of a line of CSV, quoted or not, for other awk scripts: awk -f scripts/csv-fields.awk -f scripts/OTHER.awk.
#
# Limits.   A quote within quotes is lost, a line break within quotes is not understood.

function fields(line, out,    n, at, quoted, c, text) {
    n = 0; text = ""; quoted = 0
    if (line !~ /"/) return split(line, out, ",")
    for (at = 1; at <= length(line); at++) {
        c = substr(line, at, 1)
        if (c == "\"") quoted = !quoted
        else if (c == "," && !quoted) { out[++n] = text; text = "" }
        else text = text c
    }
    out[++n] = text
    return n
}
