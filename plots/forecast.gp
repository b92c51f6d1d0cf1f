# SPDX-License-Identifier: GPL-3.0-or-later
# forecast: the last part of a series, its forecast, and intervals as nested bands, the widest first and palest.
set lmargin at screen 0.085
set rmargin at screen 0.975
set tmargin at screen 0.815
set bmargin at screen 0.125
set xrange [x_low:x_high]
set yrange [y_low:y_high]
set label 1 title_text at screen 0.085, 0.945 left font font_title front
set label 2 subtitle_text at screen 0.085, 0.888 left textcolor rgb '#555555' front
set label 3 name_text at screen 0.022, 0.470 center rotate by 90 front
set label 4 'row' at screen 0.53, 0.030 center front
set key at graph 1, graph 1.02 right bottom horizontal Left reverse maxrows 1 samplen 2.2 width 1 font font_small
set arrow 1 from last_row + 0.5, graph 0 to last_row + 0.5, graph 1 nohead lc rgb GREY lw 0.8 dt 2 back
depth(i) = bands > 1 ? 0.22 + 0.36 * (i - 1) / (bands - 1) : 0.35
plot for [i = 1:bands] '$band_'.i using 1:2:3 with filledcurves fc rgb SKY fs solid depth(i) noborder, \
     $series using 1:2 with lines lw 1.4 lc rgb BLACK, \
     $mean using 1:2 with lines lw 1.8 lc rgb BLUE, \
     keyentry with lines lw 1.6 lc rgb BLACK title 'series', \
     keyentry with lines lw 1.8 lc rgb BLUE title 'forecast', \
     for [i = 1:bands] keyentry with boxes fc rgb SKY fs solid depth(i) noborder title band_name[i]
