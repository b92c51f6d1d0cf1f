#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# azure_functions: at the full width of the published tables, are as many calls imported as are counted? Is a share of the
# calls kept that could be by chance? Is memory the same for two days and for sixteen?
#
# Choice.  A share of 0.1 of n calls is binomial: within 5 standard deviations, false alarm 6e-7, and the seed is fixed.
if [ ! -x /usr/bin/time ] || ! command -v "${CC:-cc}" >/dev/null; then
    echo "SKIP: GNU time and a C compiler are needed to make and measure the tables"
    exit 77
fi
failures=0
run()
{
    # Sanitizers keep freed memory for a while; here that would hide what is measured.
    ASAN_OPTIONS="${ASAN_OPTIONS:+$ASAN_OPTIONS:}quarantine_size_mb=1" \
        "$SOURCE/tests/bench/azure-functions-full" "$ALMANAC" "$@"
}
number()
{
    echo "$line" | tr ' ' '\n' | sed -n "/^$1\$/{n;p;}"
}

line=$(run 300 2) || failures=1
[ "$(number written)" -gt 1000 ] || { echo "FAILED: almost no calls were written: $line"; failures=1; }
[ "$(number written)" = "$(number imported)" ] || { echo "FAILED: calls in and out differ: $line"; failures=1; }

line=$(run 300 2 share=0.1,seed=7) || failures=1
awk -v n="$(number written)" -v k="$(number imported)" 'BEGIN {
    exit !(k > 0.1 * n - 5 * sqrt(0.09 * n) && k < 0.1 * n + 5 * sqrt(0.09 * n)) }' ||
    { echo "FAILED: not a share of 0.1: $line"; failures=1; }

line=$(run 300 2 share=0.01) || failures=1
few=$(number peak_mb)
line=$(run 300 16 share=0.01) || failures=1
awk -v few="$few" -v many="$(number peak_mb)" -v bytes="$(number bytes)" 'BEGIN {
    exit !(bytes > 12e6 && many < few + 4) }' ||
    { echo "FAILED: memory grows with the tables: $few MB for 2 days, then $line"; failures=1; }
exit $failures
