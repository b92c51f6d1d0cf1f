# SPDX-License-Identifier: GPL-3.0-or-later
# density: machines in use, units on each, their CPU, and pressure: one run over time.
set multiplot
set lmargin at screen 0.085
set rmargin at screen 0.975
set xrange [0:x_max]
set label 1 title_text at screen 0.085, 0.966 left font font_title front
set label 2 subtitle_text at screen 0.085, 0.934 left textcolor rgb '#555555' front
set key at graph 1, graph 1.03 right bottom horizontal Left reverse maxrows 1 samplen 2.2 width 1 font font_small

set tmargin at screen 0.885
set bmargin at screen 0.735
set yrange [0:1.12*machines_all]
set label 3 'Machines' at screen 0.022, 0.810 center rotate by 90 front
eval x_bare
if (machines_all <= 8) { set ytics 1 } else { set ytics autofreq }
plot $used using 1:2 with filledcurves y1=0 fc rgb SKY fs solid 0.45 noborder, \
     $used using 1:2 with lines lc rgb BLUE lw 1.2, \
     machines_all with lines lc rgb GREY lw 1 dt 2, \
     keyentry with boxes fc rgb SKY fs solid 0.45 noborder title 'in use', \
     keyentry with lines lc rgb GREY lw 1.4 dt 2 title 'all'

unset label 1
unset label 2
set tmargin at screen 0.685
set bmargin at screen 0.535
set yrange [0:units_top]
set label 3 'Units each' at screen 0.022, 0.610 center rotate by 90 front
if (units_top <= 8) { set ytics 1 } else { set ytics autofreq }
plot $machines using 1:3:4 with filledcurves fc rgb SKY fs solid 0.45 noborder, \
     $machines using 1:2 with lines lc rgb BLUE lw 1.4, \
     keyentry with lines lc rgb BLUE lw 1.8 title 'mean', \
     keyentry with boxes fc rgb SKY fs solid 0.45 noborder title '80 % of the machines in use'

set tmargin at screen 0.485
set bmargin at screen 0.285
set yrange [0:cpu_top]
set ytics 25
set label 3 'CPU busy (%)' at screen 0.022, 0.385 center rotate by 90 front
plot $machines using 1:5:7 with filledcurves fc rgb SKY fs solid 0.45 noborder, \
     $machines using 1:6 with lines lc rgb BLUE lw 1.4, \
     $machines using 1:8 with lines lc rgb VERMILLION lw 0.9, \
     keyentry with lines lc rgb BLUE lw 1.8 title 'median', \
     keyentry with boxes fc rgb SKY fs solid 0.45 noborder title '80 % of the machines in use', \
     keyentry with lines lc rgb VERMILLION lw 1.4 title 'busiest'

set tmargin at screen 0.235
set bmargin at screen 0.105
set yrange [0:stall_top]
set ytics autofreq
set label 3 'Time short (%)' at screen 0.022, 0.170 center rotate by 90 front
set label 4 x_label at screen 0.53, 0.022 center front
eval x_tics
plot $machines using 1:11 with lines lc rgb GREEN lw 1.4, \
     $machines using 1:10 with lines lc rgb PURPLE lw 1.4, \
     $machines using 1:9 with lines lc rgb ORANGE lw 1.4, \
     keyentry with lines lc rgb ORANGE lw 1.8 title 'CPU', \
     keyentry with lines lc rgb PURPLE lw 1.8 title 'memory', \
     keyentry with lines lc rgb GREEN lw 1.8 title 'I/O'
unset multiplot
