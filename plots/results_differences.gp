# SPDX-License-Identifier: GPL-3.0-or-later
# results_differences: one metric, one row a policy: the mean difference and its interval.
unset ytics
set grid noytics xtics lc rgb '#e4e4e4' lt 1 lw 0.6
set border 1 lw 0.8 lc rgb '#555555'
set bars 0
set xlabel axis_text offset 0, 0.3
set arrow 99 from first 0, graph 0 to first 0, graph 1 nohead lw 1 lc rgb '#555555' back
plot $open using 1:2:3:4 with xerrorbars pt 7 ps 0.01 lw 1.4 lc rgb '#595959', \
     $different using 1:2:3:4 with xerrorbars pt 7 ps 1.0*PS lw 1.4 lc rgb BLACK, \
     $better using 1:2:3:4 with xerrorbars pt 7 ps 1.0*PS lw 1.4 lc rgb BLUE, \
     $worse using 1:2:3:4 with xerrorbars pt 7 ps 1.0*PS lw 1.4 lc rgb VERMILLION, \
     $open using 1:2 with points pt 7 ps 1.0*PS lc rgb 'white', \
     $open using 1:2 with points pt 6 ps 1.0*PS lw 1.4 lc rgb '#595959'
