# SPDX-License-Identifier: GPL-3.0-or-later
# inputs: an amount over one input: what was seen, and the quantiles that a model has for it.
set lmargin at screen 0.105
set rmargin at screen 0.975
set tmargin at screen 0.815
set bmargin at screen 0.125
set xrange [x_low:x_high]
set yrange [y_low:y_high]
set grid xtics ytics lc rgb '#e4e4e4' lt 1 lw 0.6
set label 1 title_text at screen 0.105, 0.945 left font font_title front
set label 2 subtitle_text at screen 0.105, 0.888 left textcolor rgb '#555555' front
set label 3 y_text at screen 0.022, 0.470 center rotate by 90 front
set label 4 x_text at screen 0.54, 0.030 center front
set key at graph 1, graph 1.02 right bottom horizontal Left reverse maxrows 1 samplen 2.2 width 1 font font_small
plot $points using 1:2 with points pt 7 ps 0.4 lc rgb SKY, \
     $lines using 1:2 with lines lw 1.8 lc rgb BLUE, \
     $lines using 1:3 with lines lw 1.8 lc rgb VERMILLION, \
     keyentry with points pt 7 ps 0.7 lc rgb SKY title 'seen', \
     keyentry with lines lw 1.8 lc rgb BLUE title 'median', \
     keyentry with lines lw 1.8 lc rgb VERMILLION title upper_text
