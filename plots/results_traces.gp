# SPDX-License-Identifier: GPL-3.0-or-later
# results_traces: a field for each trace and policy; names and numbers were placed when the data was written.
unset tics
unset border
unset grid
set style fill solid 1 noborder
plot $field using 1:2:($1-0.49):($1+0.49):($2-0.48):($2+0.48):3 with boxxyerror lc rgb variable
