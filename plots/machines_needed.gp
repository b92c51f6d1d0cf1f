# SPDX-License-Identifier: GPL-3.0-or-later
# machines_needed: how many machines a fleet needs over time, today, under a policy, and under perfect foresight.
set lmargin at screen 0.065
set rmargin at screen 0.970
set tmargin at screen 0.800
set bmargin at screen 0.135
set label 1 title_text at screen 0.065, 0.945 left font font_title front
set label 2 subtitle_text at screen 0.065, 0.890 left textcolor rgb '#555555' front
set label 3 'Machines' at screen 0.018, 0.468 center rotate by 90 front
set label 4 x_label at screen 0.518, 0.030 center front
set key at graph 1, graph 1.02 right bottom horizontal Left reverse maxrows 1 samplen 2.2 width 1
set xrange [0:x_max]
set yrange [0:y_top]
eval x_tics
if (y_top <= 9) { set ytics 1 } else { set ytics autofreq }
list = 'NaN notitle'
if (today_there) { list = list.", today_peak with lines lc rgb GREY lw 1.1 dt 2" }
list = list.", policy_peak with lines lc rgb BLUE lw 1.1 dt 2, oracle_peak with lines lc rgb GREEN lw 1.1 dt 2"
if (today_there) { list = list.", $today using 1:2 with lines lc rgb GREY lw 2 title today_text" }
list = list.", $policy using 1:2 with lines lc rgb BLUE lw 2.6 title policy_text, $oracle using 1:2 with lines lc rgb GREEN lw 1.2 title oracle_text"
eval 'plot '.list
