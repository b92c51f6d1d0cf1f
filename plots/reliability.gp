# SPDX-License-Identifier: GPL-3.0-or-later
# reliability: stated against measured, each unit and all windows, and how many windows; CPU and memory side by side.
set multiplot
set grid xtics ytics lc rgb '#e4e4e4' lt 1 lw 0.6
set label 1 title_text at screen 0.075, 0.945 left font font_title front
set label 2 subtitle_text at screen 0.075, 0.895 left textcolor rgb '#555555' front
array resource[2] = ['cpu', 'memory']
array heading[2] = ['CPU', 'Memory']

# the legend: a plot of nothing over the whole width, since a key never gets wider than its plot
unset border
unset tics
set lmargin at screen 0.02
set rmargin at screen 0.985
set tmargin at screen 0.870
set bmargin at screen 0.835
set xrange [0:1]
set yrange [0:1]
set key at screen 0.970, 0.852 right center horizontal Left reverse maxrows 1 samplen 1.2 width 1 font font_small
plot NaN, \
     keyentry with points pt 7 ps 1.2 lc rgb BLUE title 'all windows', \
     keyentry with points pt 6 ps 1.2 lw 1.4 lc rgb BLUE title 'fewer than 100', \
     keyentry with points pt 7 ps 0.6 lc rgb '#b4b4b4' title 'one unit', \
     keyentry with lines lw 1 dt 2 lc rgb '#555555' title 'as stated'
unset key
unset label
set border 3 lw 0.8 lc rgb '#555555'
set tics nomirror out scale 0.6 textcolor rgb '#333333'
do for [k=1:2] {
    r = resource[k]
    eval 'here = '.r.'_left'
    eval 'there = '.r.'_there'
    set lmargin at screen here
    set rmargin at screen here + side
    set tmargin at screen main_top
    set bmargin at screen main_bottom
    eval value(r.'_main')
    set xtics nomirror out scale 0.6
    set ytics nomirror out scale 0.6
    set label 3 heading[k] at screen here + 0.5 * side, main_top + 0.022 center front
    set label 4 'Windows in which it held (%)' at screen here - 0.060, 0.5 * (main_top + main_bottom) center rotate by 90 font font_small front
    set label 5 (there ? '' : 'no confidence was stated') at screen here + 0.5 * side, 0.5 * (main_top + main_bottom) center textcolor rgb '#555555'
    plot '$'.r.'_guide' using 1:2 with lines lw 1 dt 2 lc rgb '#555555', \
         '$'.r.'_units' using 1:2 with points pt 7 ps 0.45 lc rgb '#b4b4b4', \
         '$'.r.'_levels' using 1:($5 == 0 ? $2 : NaN) with linespoints pt 7 ps 1.2 lw 1.6 lc rgb BLUE, \
         '$'.r.'_levels' using 1:($5 == 1 ? $2 : NaN) with points pt 6 ps 1.2 lw 1.4 lc rgb BLUE
    unset label
    set tmargin at screen strip_top
    set bmargin at screen strip_bottom
    eval value(r.'_strip')
    set xtics nomirror out scale 0.6
    set logscale y
    eval 'set yrange [0.5:'.r.'_top]'
    set ytics nomirror out scale 0.6 ('1' 1, '100' 100, '10 000' 1e4, '1e6' 1e6, '1e8' 1e8, '1e10' 1e10)
    set label 4 'Windows' at screen here - 0.060, 0.5 * (strip_top + strip_bottom) center rotate by 90 font font_small front
    set label 5 'Stated confidence (%)' at screen here + 0.5 * side, 0.045 center front
    plot '$'.r.'_levels' using 1:3:($1-$4):($1+$4):(0.5):3 with boxxyerror fc rgb SKY fs solid 1 noborder
    unset label
    unset logscale
    set ytics autofreq
}
unset multiplot
