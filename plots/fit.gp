# SPDX-License-Identifier: GPL-3.0-or-later
# fit: a real and a generated trace: panels of quantiles, autocorrelation and course of the day, three a row.
set multiplot
set label 901 title_text at screen 0.02, 1 - 27.0 / height left font font_title front
array left_edge[3] = [0.085, 0.410, 0.738]
array right_edge[3] = [0.338, 0.663, 0.985]
array panel_title[3] = ['Quantiles', 'Autocorrelation within a unit', 'Course of the day (mean = 1)']
array panel_x[3] = ['real across, generated up', 'lag (hours)', 'hour (UTC, or of the trace)']

# the legend: a plot of nothing over the whole width
unset border
unset tics
set lmargin at screen 0.02
set rmargin at screen 0.985
set tmargin at screen 1 - 44.0 / height
set bmargin at screen 1 - 64.0 / height
set xrange [0:1]
set yrange [0:1]
set key at screen 0.02, 1 - 54.0 / height left center horizontal Left reverse maxrows 1 samplen 1.6 width 1
plot NaN, \
     keyentry with lines lw 1.6 lc rgb BLACK title 'real', \
     keyentry with lines lw 1.6 lc rgb ORANGE title 'generated', \
     keyentry with points pt 7 ps 0.6 lc rgb BLUE title 'quantiles', \
     keyentry with lines lw 0.8 dt 2 lc rgb GREY title 'where both agree'
unset key
unset label 901
set border 3 lw 0.8 lc rgb '#555555'
set grid xtics ytics lc rgb '#e4e4e4' lt 1 lw 0.6
set xtics nomirror out scale 0.6 textcolor rgb '#333333'
set ytics nomirror out scale 0.6 textcolor rgb '#333333'

do for [k = 1:panels] {
    i = data[k]
    column = (k - 1) % 3 + 1
    top = 1 - (head + ((k - 1) / 3) * row_height) / (1.0 * height)
    bottom = top - (row_height - 48.0) / height
    set tmargin at screen top
    set bmargin at screen bottom
    set lmargin at screen left_edge[column]
    set rmargin at screen right_edge[column]
    middle = 0.5 * (left_edge[column] + right_edge[column])
    if (k <= 3 || kind[k] != kind[k - 3]) {
        set label 903 panel_title[kind[k]] at screen left_edge[column], top + 16.0 / height left front
    }
    if (k + 3 > panels || kind[k + 3 > panels ? k : k + 3] != kind[k]) {
        set label 904 panel_x[kind[k]] at screen middle, bottom - 38.0 / height center textcolor rgb '#333333' front
    }
    if (kind[k] == 1) {
        set label 902 row_label[i] at screen left_edge[column] - (column == 1 ? 0.063 : 0.056), 0.5 * (top + bottom) center rotate by 90 front
        set xrange [low[i]:high[i]]
        set yrange [low[i]:high[i]]
        set xtics autofreq
        set ytics autofreq
        if (logarithmic[i]) {
            set logscale xy
            set format xy '%.0s%c'
        }
        plot x with lines lw 0.8 dt 2 lc rgb GREY, \
             '$quantiles_'.i using 1:2 with points pt 7 ps 0.35 lc rgb BLUE, \
             '$marks_'.i using 1:2 with points pt 6 ps 0.9 lw 1.4 lc rgb VERMILLION, \
             '$marks_'.i using 1:2:($3 == 95 ? '' : sprintf('%g %%', $3)) with labels offset 0.8, -0.7 left \
             font font_small textcolor rgb '#333333'
        unset logscale
        set format xy '%g'
    }
    if (kind[k] == 2) {
        set xrange [0:26]
        set yrange [acf_low[i]:1]
        set xtics 0, 6, 24
        set ytics 0.2
        set xzeroaxis lw 0.6 lc rgb '#999999'
        plot '$acf_'.i using 1:2 with lines lw 1.6 lc rgb BLACK, \
             '$acf_'.i using 1:3 with lines lw 1.6 lc rgb ORANGE
        unset xzeroaxis
    }
    if (kind[k] == 3) {
        set xrange [0:24]
        set yrange [0:day_top[i]]
        set xtics 0, 6, 24
        set ytics autofreq
        plot '$day_'.i using 1:2 with steps lw 1.6 lc rgb BLACK, \
             '$day_'.i using 1:3 with steps lw 1.6 lc rgb ORANGE
    }
    unset label
}
unset multiplot
