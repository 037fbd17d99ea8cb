#!/usr/bin/env bash
# libFuzzer: so many seconds for each target (default 600), or for those that are named: fuzz/run.sh 600 websocket session.
# Needs a nightly compiler and cargo-fuzz. What it finds is in fuzz/artifacts; the corpus in the repository stays as it is.
set -euo pipefail
cd "$(dirname "$0")"
seconds="${1:-600}"
shift || true
corpus="$(mktemp -d)"
trap 'rm -rf "$corpus"' EXIT
# Our code is safe Rust throughout, so no sanitizer slows it down; overflows and debug assertions are checked.
options=(--sanitizer none --features libfuzzer)
# Short runs are not worth four minutes of optimising: this takes one and a half, and runs at a third of the speed.
if [ "$seconds" -lt 60 ]; then
  options+=(--dev)
  export CARGO_PROFILE_DEV_OPT_LEVEL=1 CARGO_PROFILE_DEV_DEBUG=0
fi
cargo +nightly fuzz build "${options[@]}"
for target in "${@:-websocket payload packet binary session}"; do
  # The default is one word list.
  for name in $target; do
    echo "--- $name, $seconds s"
    cp -r "corpus/$name" "$corpus"
    # Only the figures, unless something is found.
    log="$corpus/$name.log"
    if ! cargo +nightly fuzz run "${options[@]}" "$name" "$corpus/$name" -- -max_total_time="$seconds" -max_len=1024 \
      -rss_limit_mb=2048 -timeout=30 -print_final_stats=1 >"$log" 2>&1; then
      cat "$log"
      exit 1
    fi
    grep -E '\sDONE\s|^stat::' "$log"
  done
done
