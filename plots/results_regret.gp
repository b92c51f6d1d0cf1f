# SPDX-License-Identifier: GPL-3.0-or-later
# results_regret: one bar a policy.
unset ytics
set grid noytics xtics lc rgb '#e4e4e4' lt 1 lw 0.6
set border 1 lw 0.8 lc rgb '#555555'
set xlabel axis_text offset 0, 0.3
set style fill solid 1 noborder
plot $bar using 1:2:(0):1:($2-0.3):($2+0.3) with boxxyerror lc rgb SKY
