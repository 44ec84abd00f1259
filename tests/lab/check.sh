#!/bin/bash
# check.sh: does lab.sh keep its word? Exit status and output of the program, time limit, a kernel that fails, a signal, and
# nothing left behind. Five guests, about 20 s.
set -u
lab=$(cd "$(dirname "$0")" && pwd)/lab.sh
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
export TMPDIR=$folder/temporary
mkdir "$TMPDIR"

# expect WHAT STATUS: the last guest ended so, and its folder is gone.
expect() {
    local status=$?
    if [ "$status" != "$2" ] || [ -n "$(ls -A "$TMPDIR")" ]; then
        echo "lab: $1: status $status instead of $2, left behind: $(ls -A "$TMPDIR")" >&2
        cat "$folder/out" "$folder/err" >&2
        exit 1
    fi
}
said() {
    grep -q "$2" "$folder/$1" && return
    echo "lab: no \"$2\" on its std$1:" >&2
    cat "$folder/out" "$folder/err" >&2
    exit 1
}

# The orphans must have been waited for by process 1, and one that stays must not keep the guest.
# shellcheck disable=SC2016 # the guest's shell expands it
"$lab" -e folder -- bash -c '(sleep 0.1 &); sleep 1; (sleep 1000 &)
    grep -l "^State:.Z" /proc/[0-9]*/status; echo "to out"; echo "to err" >&2; touch "'"$folder"'/written"; exit 7' \
    >"$folder/out" 2>"$folder/err"
expect "the program's status" 7
said out '^to out$'
said err '^to err$'
if [ "$(wc -l <"$folder/out")" != 1 ] || [ -e "$folder/written" ]; then
    echo "lab: there are zombies, or the guest wrote to the host:" "$(cat "$folder/out")" >&2
    exit 1
fi

"$lab" -t 4 -- sleep 1000 >"$folder/out" 2>"$folder/err"
expect "the time limit" 124
said err 'time limit of 4 s'

"$lab" -- sh -c 'echo c >/proc/sysrq-trigger' >"$folder/out" 2>"$folder/err"
expect "a kernel that panics" 125
said err 'sysrq triggered crash'

"$lab" -m no_such_module -- true >"$folder/out" 2>"$folder/err"
expect "a module that is not there" 125
said err 'no_such_module not found'

"$lab" -s "$folder/scratch" -- sh -c 'echo up >/lab/up; sleep 1000' >"$folder/out" 2>"$folder/err" &
guest=$!
until [ -s "$folder/scratch/up" ] || ! kill -0 "$guest" 2>/dev/null; do sleep 0.1; done
kill "$guest"
wait "$guest"
expect "a signal" 143
if grep -l "fsdev=scratch" /proc/[0-9]*/cmdline 2>/dev/null | xargs -r -n 1 sh -c 'tr "\0" " " <"$0"' 2>/dev/null |
    grep -q "path=$folder/scratch"; then
    echo "lab: QEMU outlived lab.sh" >&2
    exit 1
fi
