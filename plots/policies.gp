# SPDX-License-Identifier: GPL-3.0-or-later
# policies: slack against harm, one point per run. Labels and tics were placed when the data was written.
set multiplot

# the legend: a plot of nothing over the whole width, since a key never gets wider than its plot
unset border
unset tics
set lmargin at screen 0.02
set rmargin at screen 0.985
set tmargin at screen 0.870
set bmargin at screen 0.845
set xrange [0:1]
set yrange [0:1]
set key at screen 0.985, 0.857 right center horizontal Left reverse maxrows 1 samplen 1.2 width 1
plot NaN, \
     keyentry with points pt 7 ps 1.1 lc rgb BLUE title 'policy', \
     keyentry with points pt 7 ps 0.9 lc rgb GREY title 'dominated', \
     keyentry with points pt 12 ps 1.7 lw 2 lc rgb GREEN title 'oracle (sees the future)', \
     keyentry with lines lw 1.2 lc rgb SKY title '95 % interval'
unset key
set border 3 lw 0.8 lc rgb '#555555'
set xtics nomirror out scale 0.6 textcolor rgb '#333333'
set ytics nomirror out scale 0.6 textcolor rgb '#333333'
set label 901 title_text at screen 0.02, 0.952 left font font_title front
set label 902 subtitle_text at screen 0.02, 0.907 left textcolor rgb '#555555' front
set tmargin at screen panel_top
set bmargin at screen panel_bottom
set grid xtics ytics lc rgb '#e4e4e4' lt 1 lw 0.6
set bars 0

set lmargin at screen cpu_left
set rmargin at screen cpu_edge
set title 'CPU' offset 0, -0.4
set xlabel 'Slack: granted and not used (%)'
set label 904 cpu_label at screen cpu_left - 0.053, 0.46 center rotate by 90 front
set xrange [0:cpu_right]
set yrange [0:cpu_top]
eval cpu_tics
set label 903 cpu_note at screen 0.5 * (cpu_left + cpu_edge), 0.46 center textcolor rgb '#555555'
plot $cpu_front using 1:2 with steps lc rgb '#bbbbbb' lw 1 dt 2, \
     $cpu_dominated using 1:2:3:4:5:6 with xyerrorbars pt 7 ps 0.01 lw 0.8 lc rgb '#c8c8c8', \
     $cpu_best using 1:2:3:4:5:6 with xyerrorbars pt 7 ps 0.01 lw 0.8 lc rgb SKY, \
     $cpu_oracle using 1:2:3:4:5:6 with xyerrorbars pt 12 ps 0.01 lw 0.8 lc rgb GREEN, \
     $cpu_dominated using 1:2 with points pt 7 ps 0.9 lc rgb GREY, \
     $cpu_best using 1:2 with points pt 7 ps 1.1 lc rgb BLUE, \
     $cpu_oracle using 1:2 with points pt 12 ps 1.7 lw 2 lc rgb GREEN

unset label
unset arrow
set lmargin at screen memory_left
set rmargin at screen memory_edge
set title 'Memory'
set label 904 memory_label at screen memory_left - 0.053, 0.46 center rotate by 90 front
set xrange [0:memory_right]
set yrange [0:memory_top]
eval memory_tics
set label 903 memory_note at screen 0.5 * (memory_left + memory_edge), 0.46 center textcolor rgb '#555555'
plot $memory_front using 1:2 with steps lc rgb '#bbbbbb' lw 1 dt 2, \
     $memory_dominated using 1:2:3:4:5:6 with xyerrorbars pt 7 ps 0.01 lw 0.8 lc rgb '#c8c8c8', \
     $memory_best using 1:2:3:4:5:6 with xyerrorbars pt 7 ps 0.01 lw 0.8 lc rgb SKY, \
     $memory_oracle using 1:2:3:4:5:6 with xyerrorbars pt 12 ps 0.01 lw 0.8 lc rgb GREEN, \
     $memory_dominated using 1:2 with points pt 7 ps 0.9 lc rgb GREY, \
     $memory_best using 1:2 with points pt 7 ps 1.1 lc rgb BLUE, \
     $memory_oracle using 1:2 with points pt 12 ps 1.7 lw 2 lc rgb GREEN
unset multiplot
