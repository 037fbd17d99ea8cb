#!/usr/bin/env bash
# Runs Autobahn|Testsuite (WebSocket conformance) against examples/autobahn_server, and fails on every case that `report.py` cannot explain.
# It needs Python 2.7: PYTHON2, else pyenv's, else that of the PATH; without one it says so and is skipped.
# AUTOBAHN_CASES chooses cases, as in AUTOBAHN_CASES="9.* 10.1.1"; all of them take half a minute.
set -euo pipefail
cd "$(dirname "$0")"

version=25.10.1
# The others, 12 and 13, are about compression, which WebSockets here do not have.
cases=${AUTOBAHN_CASES:-1.* 2.* 3.* 4.* 5.* 6.* 7.* 9.* 10.*}
server=${CARGO_TARGET_DIR:-../../target}/debug/examples/autobahn_server

is_python2() { [ "$("$1" -c 'import sys; print(sys.version_info[:2] == (2, 7))' 2>/dev/null)" = True ]; }

find_python2() {
  local candidate
  for candidate in "${PYTHON2:-}" "$(pyenv root 2>/dev/null)"/versions/2.7*/bin/python python2.7 python2; do
    if [ -n "$candidate" ] && is_python2 "$candidate"; then
      echo "$candidate"
      return
    fi
  done
}

python=$(find_python2)
if [ -z "$python" ]; then
  echo "SKIPPED: Autobahn needs Python 2.7 and there is none (set PYTHON2, or 'pyenv install 2.7.18')"
  exit 0
fi
[ -x "$server" ] || { echo "there is no $server: run 'cargo build --example autobahn_server'" >&2; exit 1; }

# Python 2.7 is past its end, which it keeps saying.
export PYTHONWARNINGS=ignore
if ! .venv/bin/python -c "import autobahntestsuite" 2>/dev/null; then
  rm -rf .venv
  "$python" -m virtualenv --version >/dev/null 2>&1 || "$python" -m pip install --quiet --user virtualenv
  "$python" -m virtualenv --quiet .venv
  .venv/bin/python -m pip install --quiet --no-python-version-warning --disable-pip-version-check "autobahntestsuite==$version"
fi

work=$(mktemp -d)
server_pid=
trap '[ -z "$server_pid" ] || kill "$server_pid" 2>/dev/null || true; rm -rf "$work"' EXIT

port=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
RUST_LOG=off PORT=$port "$server" &
server_pid=$!
for _ in $(seq 100); do
  if (: <"/dev/tcp/127.0.0.1/$port") 2>/dev/null; then break; fi
  kill -0 "$server_pid" 2>/dev/null || { echo "the server has ended" >&2; exit 1; }
  sleep 0.1
done

python3 report.py spec "$work" "$port" "$cases" >"$work/spec.json"
timeout "${AUTOBAHN_TIMEOUT:-100}" .venv/bin/wstest -m fuzzingclient -s "$work/spec.json" >"$work/log" 2>&1 ||
  { tail -n 20 "$work/log" >&2; exit 1; }
python3 report.py check "$work" "$cases"
