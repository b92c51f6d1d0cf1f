# SPDX-License-Identifier: GPL-3.0-or-later
# results_reliability: stated against measured, or their difference; one family a policy. Axes were placed when the data was written.
set grid xtics ytics lc rgb '#e4e4e4' lt 1 lw 0.6
set bars 0
plot $guide using 1:2 with lines lw 1 dt 2 lc rgb '#555555', \
     for [i=1:families] $line index i-1 using 1:2 with lines lw 1.4 lc rgb COLOUR[i], \
     for [i=1:families] $line index i-1 using 1:2:3:4 with yerrorbars pt 7 ps 0.01 lw 0.9 lc rgb COLOUR[i], \
     for [i=1:families] $line index i-1 using 1:2 with points pt FULL[i] ps 1.1*PS lw 1.4 lc rgb COLOUR[i]
