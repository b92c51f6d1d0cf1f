# SPDX-License-Identifier: GPL-3.0-or-later
# style: what all figures share. Colours are those of Okabe and Ito.
set encoding utf8
set datafile separator whitespace
set border 3 lw 0.8 lc rgb '#555555'
set tics nomirror out scale 0.6 textcolor rgb '#333333'
set grid ytics lc rgb '#e4e4e4' lt 1 lw 0.6
set key noautotitle
BLACK = 0x000000
ORANGE = 0xE69F00
SKY = 0x56B4E9
GREEN = 0x009E73
BLUE = 0x0072B2
VERMILLION = 0xD55E00
PURPLE = 0xCC79A7
GREY = 0x9A9A9A
