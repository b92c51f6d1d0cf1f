# SPDX-License-Identifier: GPL-3.0-or-later
# equal-overrun-table: what equal-overrun.awk found, as a table for people: Markdown, one for each resource and cap.
#
#   awk -F, -v resource=cpu -v cap=none -v head='CPU.' -f scripts/equal-overrun-table.awk FILE...

function percent(v, digits) { return v == "" ? "-" : sprintf("%." digits "f", 100 * v) }
function range(v, low, high) { return v == "" ? "" : percent(v, 0) (low == "" ? "" : " (" percent(low, 0) " to " percent(high, 0) ")") }

FNR == 1 { next }
$2 != resource { next }
{ vpa_share = $7 }
$4 == "vpa" && $3 == "none" { overrun[$1] = $7; vpa[$1] = $8 }
!($1 in seen) { seen[$1] = 1; sets[++count] = $1 }
$3 != cap || ($4 == "vpa" && cap == "none") { next }
{
    key = $1 SUBSEP $4
    if (!(key in listed)) { listed[key] = 1; list[$1, ++policies[$1]] = $4 }
    where[key] = $7; moved[key] = $15
    slack[key, $6] = $8
    less[key, $6] = range($9, $10, $11)
    than[key, $6] = $4 == "residual-quantile" ? "" : range($12, $13, $14)
}
END {
    for (i = 1; i <= count; i++) rows += policies[sets[i]]
    if (!rows) exit
    if (head != "") print "**" head "**\n"
    print "| set | predictor | slack at VPA's overrun | less than VPA | less than `residual-quantile` | at 1 % | less | at 0.1 % | less |"
    print "|---|---|---|---|---|---|---|---|---|"
    for (i = 1; i <= count; i++) {
        s = sets[i]
        if (!policies[s]) continue
        printf "| %s | VPA, overruns %s %% | %s | | | | | | |\n", s, percent(overrun[s], 2), percent(vpa[s], 1)
        for (k = 1; k <= policies[s]; k++) {
            p = list[s, k]; key = s SUBSEP p
            if (p == "oracle" || p == "vpa") {
                printf "| | %s, overruns %s %% | %s | | | | | | |\n", p == "vpa" ? "VPA under the cap" : "`oracle`", percent(where[key], 2), percent(slack[key, "vpa"], 1)
                continue
            }
            printf "| | `%s` | %s | %s | %s | %s | %s | %s | %s |\n", p, percent(slack[key, "vpa"], 1), less[key, "vpa"], than[key, "vpa"],
                percent(slack[key, "1%"], 1), than[key, "1%"], percent(slack[key, "0.1%"], 1), than[key, "0.1%"]
        }
    }
    print ""
}
