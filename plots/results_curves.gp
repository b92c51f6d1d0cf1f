# SPDX-License-Identifier: GPL-3.0-or-later
# results_curves: slack against harm, one family a policy. Labels, legend and tics were placed when the data was written.
set grid xtics ytics lc rgb '#e4e4e4' lt 1 lw 0.6
set bars 0
plot for [i=1:families] $line index i-1 using 1:2 with lines lw 1.4 lc rgb COLOUR[i], \
     for [i=1:families] $line index i-1 using 1:2:3:4:5:6 with xyerrorbars pt 7 ps 0.01 lw 0.7 lc rgb COLOUR[i], \
     for [i=1:families] $dominated index i-1 using 1:2 with points pt 7 ps 1.1*PS lc rgb 'white', \
     for [i=1:families] $dominated index i-1 using 1:2 with points pt HOLLOW[i] ps 1.1*PS lw 1.4 lc rgb COLOUR[i], \
     for [i=1:families] $best index i-1 using 1:2 with points pt FULL[i] ps 1.1*PS lw 1.4 lc rgb COLOUR[i]
