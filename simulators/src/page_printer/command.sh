#!/bin/sh
# What the printer does with each job: $1 is its document, spool/START/NAME. Where this lies, there is `faults/NAME` for each
# active fault and `on/START` while the printer is switched on; what was printed stands in `printed`, a file a line.
cd "${0%/*}" || exit 1
start=${1%/*}

# Who was switched off, or killed, prints nothing more.
is_on() {
    [ -e "on/${start##*/}" ] && kill -0 "$PPID" 2>/dev/null
}

# While this fault lasts.
during() {
    while [ -e "faults/$1" ]; do
        is_on || exit 1
        sleep 0.05
    done
}

if [ -e faults/paper_out ]; then
    echo "STATE: +media-empty-error" >&2
    during paper_out
    echo "STATE: -media-empty-error" >&2
fi
during hold
[ -e faults/abort ] && exit 1
is_on || exit 1
echo "$1" >>printed
