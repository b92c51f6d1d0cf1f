# SPDX-License-Identifier: GPL-3.0-or-later
# equal-overrun: slack of policies at equal shares of overrun, with intervals, out of a results file's cells and units.
#
#   almanac dump R.h5 cells >cells.csv; almanac dump R.h5 units >units.csv
#   awk -f scripts/csv-fields.awk -f scripts/equal-overrun.awk -v set=NAME -v resource=cpu [-v resamples=1000] cells.csv units.csv
#
# Meaning.  Cells of one policy, in the order of its confidences, are points (share of overrun, relative slack), pooled over units; between two of
#           them slack lies on the straight line in the logarithm of the share. A policy named capped-NAME is NAME under the cap.
#           Each is read off at the overrun of `vpa` (without a cap), at 1 % and at 0.1 %; how much less that is than the slack
#           of `vpa`, and than that of residual-quantile under the same cap at the same share, comes with the 2.5th and 97.5th
#           percentile over resamples of units. A resample draws units with replacement and pools and reads off everything again, so
#           both sides of a difference have the same units.
# Limits.   A share outside all points of a policy gives an empty field. Resamples of which that is so are left out; where they are more than
#           one in twenty there is no interval, nor with less than four units.
# Source.   Efron (1979), the bootstrap; Park and Miller (1988), the generator, so that every awk draws the same.

function draw() {
    seed = (16807 * seed) % 2147483647
    return seed / 2147483647
}

# Sums over units, each counted weight[u] times, to points of every policy. Arrays by whole numbers: they are the quick ones.
function pool(    c, i, k, n, u, w, l, s, t, o, drawn_units) {
    n = 0
    for (u = 1; u <= units; u++)
        if (weight[u]) drawn_units[++n] = u
    for (c = 1; c <= cells; c++) {
        l = s = t = o = 0
        for (i = 1; i <= n; i++) {
            u = drawn_units[i]; w = weight[u]; k = (c - 1) * units + u
            l += w * limit_of[k]; s += w * slack_of[k]; t += w * time_of[k]; o += w * overrun_of[k]
        }
        share[c] = t > 0 ? o / t : ""
        relative[c] = l > 0 ? s / l : ""
    }
}

# Slack of policy P where its overrun is AT.
function read_off(p, at,    k, a, b, i, j) {
    if (at == "") return ""
    for (k = 1; k < points[p]; k++) {
        i = point[p, k]; j = point[p, k + 1]
        a = share[i]; b = share[j]
        if (a != "" && b != "" && a >= at && b <= at && a > b)
            return relative[i] + (relative[j] - relative[i]) * log((at + 1e-6) / (a + 1e-6)) / log((b + 1e-6) / (a + 1e-6))
    }
    return ""
}

# Policy P at share S, of three: its slack, and how much less than its two standards that is.
function judge(p, s, out,    at, own, standard) {
    at = s == 1 ? share[point["vpa", 1]] : s == 2 ? 0.01 : 0.001
    own = points[p] == 1 ? (s == 1 ? relative[point[p, 1]] : "") : read_off(p, at)
    standard = read_off((p ~ /^capped-/ ? "capped-" : "") "residual-quantile", at)
    out[1] = own
    out[2] = own == "" || s > 1 || !(relative[point["vpa", 1]] > 0) ? "" : 1 - own / relative[point["vpa", 1]]
    out[3] = own == "" || standard == "" || !(standard > 0) || points[p] == 1 ? "" : 1 - own / standard
}

function interval(key,    n, i, j, v, list) {
    n = got[key] + 0
    if (units < 4 || n < 0.95 * resamples) return ","
    for (i = 1; i <= n; i++) list[i] = drawn[key, i]
    sort(list, n)
    return sprintf("%.4f,%.4f", list[int(0.025 * (n - 1)) + 1], list[int(0.975 * (n - 1)) + 1])
}

function sort(list, n,    gap, i, j, v) {
    for (gap = int(n / 2); gap > 0; gap = int(gap / 2))
        for (i = gap + 1; i <= n; i++) {
            v = list[i]
            for (j = i; j > gap && list[j - gap] > v; j -= gap) list[j] = list[j - gap]
            list[j] = v
        }
}

function number(v) { return v == "" ? "" : sprintf("%.4f", v) }

BEGIN { seed = 20250301; if (resamples == "") resamples = 1000 }
FNR == 1 { file++; n = fields($0, head); split("", column); for (k = 1; k <= n; k++) column[head[k]] = k; next }
file == 1 {
    fields($0, f)
    name = f[column["policy"]]
    sub(/[^a-z-].*/, "", name)
    if (!(name in points)) order[++policies] = name
    point[name, ++points[name]] = ++cells
    changes[name, points[name]] = f[column[resource "_limit_changes_per_unit_day"]]
    id[f[column["id"]]] = cells
    next
}
{
    fields($0, f)
    c = f[column["cell"]]
    c = c in id ? id[c] : c + 1
    if (!(f[column["unit"]] in known)) known[f[column["unit"]]] = ++units
    u = known[f[column["unit"]]]
    if (f[column[resource "_seconds"]] > 0) {
        time[c, u] = f[column[resource "_seconds"]] + 0
        limit[c, u] = f[column[resource "_limit"]] + 0
        slack[c, u] = f[column[resource "_slack"]] + 0
        overrun[c, u] = f[column[resource "_overrun_seconds"]] + 0
    }
}
END {
    if (!("vpa" in points)) { print "equal-overrun: no policy vpa in the cells" >"/dev/stderr"; exit 1 }
    for (c = 1; c <= cells; c++)
        for (u = 1; u <= units; u++) {
            k = (c - 1) * units + u
            time_of[k] = time[c, u] + 0; limit_of[k] = limit[c, u] + 0
            slack_of[k] = slack[c, u] + 0; overrun_of[k] = overrun[c, u] + 0
        }
    for (u = 1; u <= units; u++) weight[u] = 1
    pool()
    for (p = 1; p <= policies; p++)
        for (s = 1; s <= 3; s++) {
            judge(order[p], s, now)
            for (k = 1; k <= 3; k++) value[p, s, k] = now[k]
        }
    for (c = 1; c <= cells; c++) whole_share[c] = share[c]
    for (c = 1; c <= cells; c++) whole_slack[c] = relative[c]
    for (b = 1; b <= resamples; b++) {
        for (u = 1; u <= units; u++) weight[u] = 0
        for (u = 1; u <= units; u++) weight[int(draw() * units) + 1]++
        pool()
        for (p = 1; p <= policies; p++)
            for (s = 1; s <= 3; s++) {
                judge(order[p], s, now)
                for (k = 2; k <= 3; k++)
                    if (now[k] != "") drawn[p, s, k, ++got[p, s, k]] = now[k]
            }
    }
    print "set,resource,cap,policy,units,at,share,slack,less_than_vpa,low,high,less_than_residual_quantile,low,high,changes"
    for (p = 1; p <= policies; p++)
        for (s = 1; s <= 3; s++) {
            name = order[p]; plain = name; cap = sub(/^capped-/, "", plain) ? "24" : "none"
            if (points[name] == 1 && s > 1) continue
            at = points[name] == 1 ? whole_share[point[name, 1]] : s == 1 ? whole_share[point["vpa", 1]] : s == 2 ? 0.01 : 0.001
            printf "%s,%s,%s,%s,%d,%s,%.6f,%s,%s,%s,%s,%s,%.1f\n", set, resource, cap, plain, units, s == 1 ? "vpa" : s == 2 ? "1%" : "0.1%",
                at, number(value[p, s, 1]), number(value[p, s, 2]), interval(p SUBSEP s SUBSEP 2), number(value[p, s, 3]),
                interval(p SUBSEP s SUBSEP 3), changes[name, points[name] == 1 ? 1 : int((points[name] + 1) / 2)]
        }
}
