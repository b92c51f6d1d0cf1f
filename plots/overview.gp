# SPDX-License-Identifier: GPL-3.0-or-later
# overview: small pictures on one axis of time; each sets its place, scale and colours and evaluates `band` or `stairs`.
# The upper edge of the band is a line of its own: a single peak in a month would else be too pale to see.
set multiplot
set xrange [0:x_max]
set grid xtics ytics lc rgb '#e4e4e4' lt 1 lw 0.6
set label 1 title_text at screen 0.02, 1 - 26.0 / height left font font_title front
set label 2 subtitle_text at screen 0.02, 1 - 50.0 / height left textcolor rgb '#555555' front
band = 'plot $data using 1:2:4 with filledcurves fc rgb shade fs solid dense noborder, ' . \
       '$data using 1:4 with lines lc rgb edge lw 0.5, $data using 1:3 with lines lc rgb line lw 1.1'
stairs = 'plot $data using 1:4 with fillsteps fc rgb shade fs solid dense noborder, ' . \
         '$data using 1:4 with steps lc rgb line lw 0.9'
