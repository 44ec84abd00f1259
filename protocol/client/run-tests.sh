#!/bin/sh
# Tests of the JavaScript client; they need Node 20 or later, which Debian 12 does not have.
set -eu
cd "$(dirname -- "$0")"
major=$(node --version 2>/dev/null | sed 's/^v\([0-9]*\).*/\1/' || true)
if [ "${major:-0}" -lt 20 ]; then
    echo "client tests: Node 20 or later is not here; the browser tests still run the client" >&2
    exit 0
fi
npm test --silent
