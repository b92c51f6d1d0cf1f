#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# help: does each command say what it does, refuse what it does not know with status 2, and have a page that lists the
# same options as --help?
set -uo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work" || exit 1
status=0

wrong() {
    echo "FAIL: $1"
    status=1
}

# expect STATUS ARGUMENT...: stdout and stderr go to files out and err.
expect() {
    local want=$1 got
    shift
    "$ALMANAC" "$@" >out 2>err </dev/null
    got=$?
    [ "$got" -eq "$want" ] || wrong "almanac $*: status $got, not $want: $(head -n 3 err)"
}

expect 0 --help
grep -q '^Usage: almanac' out || wrong "almanac --help prints no usage on stdout"
[ ! -s err ] || wrong "almanac --help talks on stderr: $(cat err)"
sed -n '/^Commands:/,/^$/s/^  \([a-z][a-z]*\) .*/\1/p' out | sort -u >listed
for page in "$SOURCE"/docs/man/almanac-*.1.scd; do
    basename "$page" .1.scd | sed 's/^almanac-//'
done | sort >pages
cmp -s listed pages || wrong "almanac --help and docs/man name different commands: $(diff listed pages | grep '^[<>]')"

while IFS= read -r command; do
    expect 0 "$command" --help
    [ ! -s err ] || wrong "almanac $command --help talks on stderr"
    head -n 1 out | grep -q "^Usage: almanac $command" || wrong "almanac $command --help: no usage line for $command"
    grep -oE -e '--[a-z][a-z-]+' out | sort -u >options.help
    page=$SOURCE/docs/man/almanac-$command.1.scd
    # The options of the page are those that begin a definition; argp gives --help, --usage to all.
    grep -E '^\*-' "$page" | grep -oE -e '--[a-z][a-z-]+' | sort -u >options.page
    grep -vxE -e '--(help|usage|version)' options.help >a
    grep -vxE -e '--(help|usage|version)' options.page >b
    cmp -s a b || wrong "almanac $command: --help and its page list different options: $(diff a b | grep '^[<>]' | paste -sd' ' -)"
    expect 2 "$command" --no-such-option
    [ -s err ] || wrong "almanac $command --no-such-option says nothing"
    [ ! -s out ] || wrong "almanac $command --no-such-option prints on stdout"
done <listed
[ -s listed ] || wrong "almanac --help lists no command"

expect 2
expect 2 no-such-command
grep -q 'no-such-command' err || wrong "an unknown command is not named in the message"
expect 2 simulat
grep -q 'simulate' err || wrong "a mistyped command gets no suggestion"
exit "$status"
