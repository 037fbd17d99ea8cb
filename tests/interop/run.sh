#!/usr/bin/env bash
# Installs the official clients and runs the suite, JavaScript first, then Python. README.md says more.
# SERVER_CMD is the server under test; SKIP_INSTALL=1 takes the clients as they are.
set -uo pipefail
cd "$(dirname "$0")" || exit 1

die() {
  echo "$*" >&2
  exit 1
}

rust_server=../../target/debug/examples/interop_server
if [ -z "${SERVER_CMD:-}" ] && [ ! -x "$rust_server" ]; then
  die "there is no $rust_server: run 'cargo build -p actix-socketio --example interop_server --example chat --example http_emit --example actor_forward', or set SERVER_CMD"
fi
command -v node >/dev/null && command -v npm >/dev/null || die "node and npm are needed"
command -v python3 >/dev/null || die "python3 is needed"

has_pip() { .venv/bin/python -m pip --version >/dev/null 2>&1; }

# Debian ships venv without pip unless python3-venv is installed; then any pip, uv or virtualenv will do.
install_python_client() {
  local requirements=python/requirements.txt
  if ! .venv/bin/python -c "" 2>/dev/null; then
    python3 -m venv --clear .venv >/dev/null 2>&1 || python3 -m venv --clear --without-pip .venv || return 1
  fi
  if has_pip; then
    .venv/bin/python -m pip install --quiet -r "$requirements"
  elif python3 -m pip --python .venv/bin/python --version >/dev/null 2>&1; then
    python3 -m pip --python .venv/bin/python install --quiet -r "$requirements"
  elif command -v uv >/dev/null; then
    uv pip install --quiet --python .venv/bin/python -r "$requirements"
  elif command -v virtualenv >/dev/null; then
    virtualenv --quiet --clear .venv && .venv/bin/python -m pip install --quiet -r "$requirements"
  else
    echo "no way to install python packages: install python3-venv, pip, uv or virtualenv" >&2
    return 1
  fi
}

if [ -z "${SKIP_INSTALL:-}" ]; then
  npm ci --ignore-scripts --prefer-offline --silent || die "npm ci failed"
  install_python_client || die "the python client could not be installed"
fi

logs=$(mktemp -d) || exit 1
trap 'rm -rf "$logs"' EXIT

npm test --silent 2>&1 | tee "$logs/js"
js=$?
.venv/bin/python -W error::ResourceWarning -m unittest discover -v -s python 2>&1 | tee "$logs/python"
python=$?

echo
echo "JavaScript:"
grep '^ℹ' "$logs/js"
echo "Python:"
tail -n 3 "$logs/python"
[ "$js" -eq 0 ] && [ "$python" -eq 0 ]
