#!/bin/sh
# Feeds each target for so many seconds, or one: run.sh [SECONDS [TARGET]]. What it finds lies in found/, what it has learnt
# in corpus/. With the stable compiler: the passes that count what runs are LLVM's, and no sanitizer is needed in code
# without `unsafe`.
set -eu
cd "$(dirname "$0")"
seconds=${1:-60}
all=$(cd src/bin && echo *.rs | sed 's/\.rs//g')
targets=${2:-$all}
host=$(rustc -vV | sed -n 's/^host: //p')
passes="-Cpasses=sancov-module -Cllvm-args=-sanitizer-coverage-level=4 -Cllvm-args=-sanitizer-coverage-inline-8bit-counters
    -Cllvm-args=-sanitizer-coverage-pc-table -Cllvm-args=-sanitizer-coverage-trace-compares"
RUSTFLAGS=$(echo $passes) cargo build --quiet --release --target "$host"
mkdir -p found
for target in $targets; do
    [ -x "target/$host/release/$target" ] || { echo "there is no target $target; there are: $all" >&2; exit 2; }
    mkdir -p "corpus/$target"
    echo "$target: $seconds s"
    log=found/$target.log
    ended=0
    "target/$host/release/$target" -max_total_time="$seconds" -timeout=20 -rss_limit_mb=1024 -max_len=65536 -dict=words.dict \
        -artifact_prefix="found/$target-" -verbosity=0 -print_final_stats=1 "corpus/$target" ../emrtd/testdata >"$log" 2>&1 || ended=$?
    grep -E "^(stat::(number_of|average|peak)|SUMMARY|thread|==)|panicked" "$log" || true
    ! ls "found/$target-"* >/dev/null 2>&1 || { echo "found: see $(pwd)/found and $log"; exit 1; }
    [ "$ended" = 0 ] || { echo "$target ended with $ended: see $(pwd)/$log" >&2; exit 1; }
done
