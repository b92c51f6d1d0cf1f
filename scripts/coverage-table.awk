# SPDX-License-Identifier: GPL-3.0-or-later
# coverage-table: is what predictors state true? Rows of a Markdown table out of a results file's cells and units.
#
#   almanac dump R.h5 cells >cells.csv; almanac dump R.h5 units >units.csv
#   awk -f scripts/csv-fields.awk -f scripts/coverage-table.awk -v set=NAME -v resource=cpu cells.csv units.csv
#
# Meaning.  A row for each policy that runs at confidences (or levels `tau`) of 90, 95 and 99 %, policies named capped-NAME left out: a cap
#           changes limits, not what is forecast. Units: how many have more than 50 windows scored (and of how many, where that is not all).
#           Then for each confidence the share of windows with value <= max in percent, pooled over all units; in brackets the share of
#           those units whose own share is within 3 points of the confidence.
# Limits.   A confidence that did not run is a field `-`; so is the bracket where no unit has windows enough.

function level_of(name,    k, key) {
    for (k = split("confidence tau", key, " "); k > 0; k--)
        if (("factor_" name ".predictor." key[k]) in column) return f[column["factor_" name ".predictor." key[k]]] + 0
    return 0
}

function field(c,    inside) {
    if (!(windows[c] > 0)) return "-"
    inside = judged[c] ? sprintf("%.0f", 100 * within[c] / judged[c]) : "-"
    return sprintf("%.1f (%s)", 100 * covered[c] / windows[c], inside)
}

FNR == 1 { file++; n = fields($0, head); split("", column); for (k = 1; k <= n; k++) column[head[k]] = k; next }
file == 1 {
    fields($0, f)
    name = f[column["policy"]]
    sub(/[^a-z-].*/, "", name)
    id[f[column["id"]]] = ++cells
    percent = name ~ /^capped-/ ? 0 : level_of(name)
    if (percent != 90 && percent != 95 && percent != 99) next
    if (!(name in listed)) { listed[name] = 1; order[++policies] = name }
    cell[name, percent] = cells
    level[cells] = percent
    next
}
{
    fields($0, f)
    c = f[column["cell"]]
    c = c in id ? id[c] : c + 1
    if (!(c in level)) next
    n = f[column[resource "_windows"]] + 0
    own = f[column[resource "_covered_upper"]] + 0
    units[c]++
    windows[c] += n
    covered[c] += own
    if (n <= 50) next
    judged[c]++
    off = 100 * own / n - level[c]
    if (off * off <= 9 + 1e-9) within[c]++
}
END {
    for (p = 1; p <= policies; p++) {
        line = ""; any = 0
        for (k = split("90 95 99", levels, " "); k > 0; k--) {
            c = cell[order[p], levels[k]]
            line = " " field(c) " |" line
            if (windows[c] > 0) { any = 1; all = units[c]; enough = judged[c] + 0 }
        }
        if (any) printf "| %s | %s | `%s` | %s |%s\n", set, resource, order[p], enough == all ? all : enough " of " all, line
    }
}
