#!/bin/bash
# run.sh [FILTER...]: looks whether the lab itself does what it promises, then runs the tests of tests/tests/lab/ in one
# guest. The workspace's programs must be built. Skips, with one line, where the lab cannot run.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
if ! lacks=$("$here/lab.sh" --missing); then
    echo "lab: skipped, $lacks"
    exit 0
fi
[ $# -gt 0 ] || "$here/check.sh"
# One at a time: they share a kernel.
CARGO_TARGET_X86_64_UNKNOWN_LINUX_GNU_RUNNER="$here/lab.sh -m vhci_hcd -t ${LAB_SECONDS:-600}" \
    cargo test --quiet -p kiosk-tests --test lab -- --test-threads=1 "$@"
