# SPDX-License-Identifier: GPL-3.0-or-later
# overview: one row a unit, CPU on the left, memory on the right; every row has its own scale.
set multiplot
set xrange [0:x_max]
set grid xtics ytics lc rgb '#e4e4e4' lt 1 lw 0.6
set label 1 title_text at screen 0.02, 1 - 26.0 / height left font font_title front
set label 2 subtitle_text at screen 0.02, 1 - 50.0 / height left textcolor rgb '#555555' front
cpu_left = 0.205
cpu_right = has_memory ? 0.555 : 0.975
memory_left = has_cpu ? 0.625 : 0.205
memory_right = 0.975
set label 3 (has_cpu ? 'CPU' : '') at screen cpu_left, 1 - 76.0 / height left textcolor rgb BLUE front
set label 4 (has_memory ? 'Memory' : '') at screen memory_left, 1 - 76.0 / height left textcolor rgb GREEN front
set label 6 (has_cpu ? x_label : '') at screen 0.5 * (cpu_left + cpu_right), 16.0 / height center front
set label 7 (has_memory ? x_label : '') at screen 0.5 * (memory_left + memory_right), 16.0 / height center front
top = 1 - 88.0 / height
bottom = 72.0 / height
step = (top - bottom) / rows
do for [i = 1:rows] {
    set tmargin at screen top - (i - 1) * step
    set bmargin at screen top - i * step + 14.0 / height
    set label 5 unit_name[i] at screen 0.02, top - (i - 0.58) * step left front
    eval i == rows ? x_tics : x_bare
    if (has_cpu) {
        set lmargin at screen cpu_left
        set rmargin at screen cpu_right
        set yrange [0:cpu_top[i]]
        set ytics (sprintf('%g %s', cpu_top[i], cpu_unit[i]) cpu_top[i], '0' 0)
        plot $cpu index i - 1 using 1:2:4 with filledcurves fc rgb SKY fs solid 0.45 noborder, \
             $cpu index i - 1 using 1:3 with lines lc rgb BLUE lw 1.1
        unset label
    }
    if (has_memory) {
        set lmargin at screen memory_left
        set rmargin at screen memory_right
        set yrange [0:memory_top[i]]
        set ytics (sprintf('%g %s', memory_top[i], memory_unit[i]) memory_top[i], '0' 0)
        plot $memory index i - 1 using 1:2:4 with filledcurves fc rgb GREEN fs solid 0.25 noborder, \
             $memory index i - 1 using 1:3 with lines lc rgb GREEN lw 1.1
        unset label
    }
}
unset multiplot
