# SPDX-License-Identifier: GPL-3.0-or-later
# slowdown: how many executions took how much longer than alone, and response over time.
set multiplot
array colour[7] = [BLUE, VERMILLION, GREEN, PURPLE, ORANGE, SKY, BLACK]
set label 1 title_text at screen 0.075, 0.945 left font font_title front
set label 2 subtitle_text at screen 0.075, 0.893 left textcolor rgb '#555555' front

set lmargin at screen 0.075
set rmargin at screen 0.460
set tmargin at screen 0.815
set bmargin at screen 0.165
set grid xtics ytics lc rgb '#e4e4e4' lt 1 lw 0.6
set logscale xy
set xrange [1:slowdown_top]
set yrange [share_low:1]
set xtics ('1' 1, '2' 2, '5' 5, '10' 10, '20' 20, '50' 50, '100' 100, '200' 200, '500' 500, '1000' 1e3, '10 000' 1e4, '1e5' 1e5, '1e6' 1e6, '1e7' 1e7, '1e8' 1e8, '1e9' 1e9)
set ytics ('100 %%' 1, '10 %%' 0.1, '1 %%' 0.01, '0.1 %%' 1e-3, '0.01 %%' 1e-4, '0.001 %%' 1e-5, '1e-4 %%' 1e-6, '1e-5 %%' 1e-7)
set label 3 'Executions that were slower' at screen 0.014, 0.49 center rotate by 90 front
set label 4 'Slowdown: response over what it takes alone' at screen 0.2675, 0.045 center front
if (curves > 1) { set key top right font font_small samplen 2 }
plot for [k=1:curves] $tail index k-1 using 1:2 with lines lc rgb colour[k] lw 1.6 title (curves > 1 ? name[k] : '')

unset label
unset key
unset logscale
set logscale y
set grid noxtics ytics lc rgb '#e4e4e4' lt 1 lw 0.6
set lmargin at screen 0.560
set rmargin at screen 0.975
set xrange [0:x_max]
set yrange [response_low:response_top]
eval response_tics
eval x_tics
set label 3 (curves > 1 ? 'Response, 95 % within' : 'Response') at screen 0.487, 0.49 center rotate by 90 front
set label 4 x_label at screen 0.7675, 0.045 center front
if (curves == 1) {
    set key at graph 1, graph 1.02 right bottom horizontal Left reverse maxrows 1 samplen 2.2 width 1 font font_small
    plot $response using 1:2 with lines lc rgb BLUE lw 1.6 title 'median', \
         $response using 1:3 with lines lc rgb ORANGE lw 1.4 title '95 % within', \
         $response using 1:4 with lines lc rgb VERMILLION lw 1.1 title '99 % within'
} else {
    plot for [k=1:curves] $response index k-1 using 1:3 with lines lc rgb colour[k] lw 1.5
}
unset multiplot
