# SPDX-License-Identifier: GPL-3.0-or-later
# timeline: CPU above, memory below; one unit of one run.
set multiplot
set lmargin at screen 0.075
set rmargin at screen 0.975
set xrange [0:x_max]
set label 1 title_text at screen 0.075, 0.955 left font font_title front
set label 2 subtitle_text at screen 0.075, 0.913 left textcolor rgb '#555555' front

set tmargin at screen 0.835
set bmargin at screen 0.500
set yrange [0:cpu_top]
set label 3 cpu_label at screen 0.022, 0.6675 center rotate by 90 front
set key at screen 0.975, 0.868 right center horizontal Left reverse maxrows 1 samplen 2.2 width 1
eval x_bare
set label 5 cpu_note at screen 0.525, 0.6675 center textcolor rgb '#555555'
plot $cpu_band using 1:2:3 with filledcurves fc rgb SKY fs transparent solid 0.35 noborder, \
     $cpu_demand using 1:2 with fsteps lc rgb BLUE lw 1.1, \
     $cpu_harm using 1:3:1:2:3:4 with boxxyerror fc rgb VERMILLION fs solid 0.75 noborder, \
     $cpu_limit using 1:2 with steps lc rgb BLACK lw 1.3, \
     $cpu_harm using 1:(0.975*cpu_top):1:2:(0.975*cpu_top):(cpu_top) with boxxyerror fc rgb VERMILLION fs solid 1 noborder, \
     keyentry with lines lc rgb BLUE lw 1.6 title demand_name, \
     keyentry with boxes fc rgb SKY fs transparent solid 0.35 noborder title 'envelope', \
     keyentry with lines lc rgb BLACK lw 1.6 title 'limit', \
     keyentry with boxes fc rgb VERMILLION fs solid 0.75 noborder title 'above the limit', \
     keyentry with points pt 2 ps 0.9 lc rgb PURPLE lw 2 title 'OOM kill'

unset label
unset key
set tmargin at screen 0.465
set bmargin at screen 0.135
set yrange [0:memory_top]
set label 3 memory_label at screen 0.022, 0.3 center rotate by 90 front
set label 4 x_label at screen 0.525, 0.03 center front
eval x_tics
set label 5 memory_note at screen 0.525, 0.3 center textcolor rgb '#555555'
plot $memory_band using 1:2:3 with filledcurves fc rgb SKY fs transparent solid 0.35 noborder, \
     $memory_demand using 1:2 with fsteps lc rgb BLUE lw 1.1, \
     $memory_harm using 1:3:1:2:3:4 with boxxyerror fc rgb VERMILLION fs solid 0.75 noborder, \
     $memory_limit using 1:2 with steps lc rgb BLACK lw 1.3, \
     $memory_harm using 1:(0.975*memory_top):1:2:(0.975*memory_top):(memory_top) with boxxyerror fc rgb VERMILLION fs solid 1 noborder, \
     $kills using 1:(0.93*memory_top) with points pt 2 ps 0.9 lc rgb PURPLE lw 2
unset multiplot
