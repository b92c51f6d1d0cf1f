# SPDX-License-Identifier: GPL-3.0-or-later
# convergence: three costs by day, CPU left and memory right; one line a run, and a point for the level it ends at.
set multiplot
set grid ytics lc rgb '#e4e4e4' lt 1 lw 0.6
set label 1 title_text at screen 0.075, 0.958 left font font_title front
set label 2 subtitle_text at screen 0.075, 0.920 left textcolor rgb '#555555' front
rough(m) = 10 ** floor(log10(m / 5.0))
part(m) = m / 5.0 / rough(m)
step(m) = rough(m) * (part(m) <= 1 ? 1 : part(m) <= 2 ? 2 : part(m) <= 5 ? 5 : 10)
array resource[2] = ['cpu', 'memory']
array heading[2] = ['CPU', 'Memory']
array cost[3] = ['slack', 'overrun', 'loss']
array what[3] = ['Slack (%)', 'Time above limit (%)', 'Pinball loss (%)']

# the legend: a plot of nothing over the whole width, since a key never gets wider than its plot
unset border
unset tics
set lmargin at screen 0.02
set rmargin at screen 0.985
set tmargin at screen 0.900
set bmargin at screen 0.830
set xrange [0:1]
set yrange [0:1]
set key at screen 0.07, 0.870 left center horizontal Left reverse maxrows 2 samplen 2 width 1 font font_small
plot NaN, for [k=1:runs] keyentry with lines lw 1.8 dt DASH[k] lc rgb COLOUR[k] title NAME[k]
unset key
unset label
set border 3 lw 0.8 lc rgb '#555555'
set tics nomirror out scale 0.6 textcolor rgb '#333333'
do for [k=1:2] {
    here = k == 1 ? 0.075 : 0.570
    do for [c=1:3] {
        block = resource[k].'_'.cost[c]
        top = 0.800 - (c - 1) * 0.240
        eval 'most = '.block.'_top'
        set tmargin at screen top
        set bmargin at screen top - 0.195
        set lmargin at screen here
        set rmargin at screen here + 0.385
        set xrange [0.5:days + 0.5]
        set yrange [0:most > 0 ? most : 1]
        set xtics nomirror out scale 0.6 autofreq
        if (days <= 14) { set xtics 1 }
        if (c < 3) { set format x '' } else { set format x '%g' }
        set ytics nomirror out scale 0.6 step(most > 0 ? most : 1)
        if (most <= 0) { set format y '' } else { set format y '%g' }
        if (c == 1) { set label 3 heading[k] at screen here + 0.1925, top + 0.018 center front }
        if (c == 3) { set label 4 'Day since the first of each unit' at screen here + 0.1925, top - 0.252 center front }
        set label 5 what[c] at screen here - 0.055, top - 0.0975 center rotate by 90 font font_small front
        set label 6 (most >= 0 ? '' : 'not scored') at screen here + 0.1925, top - 0.0975 center textcolor rgb '#555555'
        plot for [i=1:runs] '$'.block index i-1 using 1:2 with lines lw 1.6 dt DASH[i] lc rgb COLOUR[i], \
             for [i=1:runs] '$'.block index i-1 using 1:(dots ? $2 : NaN) with points pt 7 ps 0.5 lc rgb COLOUR[i]
        unset label
        set lmargin at screen here + 0.390
        set rmargin at screen here + 0.410
        unset border
        unset tics
        unset grid
        set xrange [0:2]
        plot for [i=1:runs] '$'.block.'_end' index i-1 using 1:2 with points pt 9 ps 0.9 lc rgb COLOUR[i]
        set border 3 lw 0.8 lc rgb '#555555'
        set tics nomirror out scale 0.6 textcolor rgb '#333333'
        set grid ytics lc rgb '#e4e4e4' lt 1 lw 0.6
    }
}
unset multiplot
