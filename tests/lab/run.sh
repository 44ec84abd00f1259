#!/bin/bash
# run.sh [FILTER...]: looks whether the lab itself does what it promises, then runs the tests of tests/tests/lab/ in two
# guests side by side, one for each processor. The workspace's programs must be built. Skips, with one line, where the lab
# cannot run.
set -eu -o pipefail
here=$(cd "$(dirname "$0")" && pwd)
if ! lacks=$("$here/lab.sh" --missing); then
    echo "lab: skipped, $lacks"
    exit 0
fi
[ $# -gt 0 ] || "$here/check.sh"
# `--workspace`: with the features, and so the builds, that all the rest has.
test=(cargo test --quiet --workspace --test lab --)
# One at a time in a guest: they share a kernel.
run() {
    CARGO_TARGET_X86_64_UNKNOWN_LINUX_GNU_RUNNER="$here/lab.sh -m vhci_hcd -t ${LAB_SECONDS:-2400}" \
        "${test[@]}" --test-threads=1 --exact "$@"
}
mapfile -t tests < <("${test[@]}" --list --format terse "$@" | sed -n 's/: test$//p')
[ ${#tests[@]} -gt 0 ] || { echo "lab: no test is called like ${*:-anything}"; exit 1; }
# Tests of one file stay in one guest, where their modules are loaded already. The longest file goes to the guest that has
# the least to do; a storm of blinks takes as long as a dozen others.
mapfile -t files < <(printf '%s\n' "${tests[@]}" |
    awk -F:: '{ long[$1] += /storm/ ? 12 : 1 } END { for (file in long) print long[file], file }' | sort -rn)
first=() second=() has=(0 0)
for file in "${files[@]}"; do
    read -r long module <<<"$file"
    guest=$((has[0] > has[1]))
    has[guest]=$((has[guest] + long))
    for name in "${tests[@]}"; do
        [ "${name%%::*}" = "$module" ] || continue
        [ $guest = 0 ] && first+=("$name") || second+=("$name")
    done
done
said=$(mktemp -d)
trap 'rm -rf "$said"' EXIT
# A guest in the background does not hear Ctrl-C.
trap 'trap - TERM; kill 0' INT TERM
beside=
if [ ${#second[@]} -gt 0 ]; then
    run "${second[@]}" >"$said/second" 2>&1 &
    beside=$!
fi
ok=1
run "${first[@]}" 2>&1 | tee "$said/first" || ok=
if [ -n "$beside" ]; then
    wait "$beside" || ok=
    cat "$said/second"
fi
[ -z "$ok" ] || exit 0
# An emulated processor on a loaded machine: what failed is tried once more, in a guest of its own, and that is told.
mapfile -t failed < <(sed -n '/^failures:$/,$s/^    \([a-z0-9_]\+\(::[a-z0-9_]\+\)\+\)$/\1/p' "$said"/* | sort -u)
[ ${#failed[@]} -gt 0 ] && [ ${#failed[@]} -le 3 ] || exit 1
echo "lab: trying again: ${failed[*]}"
run "${failed[@]}"
echo "lab: PASSED ONLY AT THE SECOND TRY: ${failed[*]}"
