#!/usr/bin/env bash
# Runs all tests and installs what they need: style, Rust tests, doc-tests, a fuzzer, a model, Autobahn, official clients (Node, Python), browser.
# Needs Rust, Node.js 20 and Python 3 on a Debian machine. Names of steps as arguments run only those.
set -euo pipefail
cd "$(dirname "$0")/.."

# The fuzzer is no member of the workspace; what is built for it is in the same folder.
in_target() {
  CARGO_TARGET_DIR="${CARGO_TARGET_DIR:-$PWD/target}" "$@"
}

step_style() {
  cargo fmt --all --check
  cargo clippy --workspace --all-targets -- -D warnings
  cargo fmt --manifest-path fuzz/Cargo.toml --check
  in_target cargo clippy --manifest-path fuzz/Cargo.toml --all-targets -- -D warnings
  cargo check -p actix-socketio --lib --no-default-features
  RUSTDOCFLAGS="-D warnings" cargo doc --workspace --all-features --no-deps --quiet
}

# Runs tests that look at what their process holds, each in one of its own.
alone() {
  local test
  for test in $(cargo test -q -p actix-socketio --test it -- --list "$@" | sed -n 's/: test$//p'); do
    ALONE=1 cargo test -q -p actix-socketio --test it -- --exact "$test"
  done
}

step_rust() {
  # nextest is faster and isolates each test in a process; without it, the standard runner does the same tests.
  if cargo nextest --version >/dev/null 2>&1; then
    cargo nextest run --workspace --all-targets
  else
    cargo test --workspace --all-targets
    alone leaks:: abandoned:: hostile::
  fi
  cargo test --workspace --doc
}

# The same test is in the step before, for a few seconds.
step_model() {
  MODEL_SECONDS="${MODEL_SECONDS:-60}" cargo test -p actix-socketio --test it model:: -- --nocapture
}

# The corpus and changed copies of it; then libFuzzer, for so many seconds on each target, where there are its tools.
step_fuzz() {
  in_target cargo test --manifest-path fuzz/Cargo.toml
  if cargo +nightly fuzz --version >/dev/null 2>&1; then
    in_target fuzz/run.sh "${FUZZ_SECONDS:-10}"
  else
    echo "libFuzzer is left out: it needs a nightly compiler (rustup) and cargo-fuzz"
  fi
}

step_interop() {
  cargo build -p actix-socketio --example interop_server --example chat --example http_emit --example actor_forward
  tests/interop/run.sh
}

# Skipped where there is no Python 2.7, which it needs.
step_autobahn() {
  cargo build -p actix-socketio --example autobahn_server
  tests/autobahn/run.sh
}

step_browser() {
  cargo build -p actix-socketio-broker
  tests/browser/run.sh
}

# The long forms of what the other steps have a short form of, by hand: an hour and a half. docs/testing.md has the figures.
step_long() {
  long() { env ALONE=1 "${@:2}" cargo test -p actix-socketio --test it "$1" -- --nocapture; }
  long model:: MODEL_SECONDS=600
  long leaks:: LEAK_CYCLES=20000
  long faults:: FAULTS=10000
  long user_code::many PANICS=10000 PANIC_WITNESSES=1000
  long drain::load DRAIN_CLIENTS=5000
  DRAIN_CLIENTS=5000 cargo test -p actix-socketio-broker --test drain sigterm -- --nocapture
  slow() { env SLOW_SECONDS=60 "$@" cargo test --release -p actix-socketio --test it slow:: -- --nocapture --test-threads 1; }
  slow SLOW_CLIENTS=200
  slow SLOW_CLIENTS=500 SLOW_FRAME=32768
  FUZZ_SECONDS="${FUZZ_SECONDS:-600}" step_fuzz
}

for step in "${@:-style rust fuzz model autobahn interop browser}"; do
  # The default is one word list.
  for name in $step; do
    echo "=== $name"
    "step_$name"
  done
done
echo "=== all passed"
