#!/bin/sh
# Runs the browser tests of the demo page and the inspector; see README.md. Ends with a non-zero status when anything fails.
set -eu
cd "$(dirname "$0")"

as_root() {
    if [ "$(id -u)" -eq 0 ]; then "$@"; else sudo "$@"; fi
}

if ! command -v node >/dev/null || [ "$(node -p 'process.versions.node.split(".")[0]')" -lt 20 ]; then
    echo "Node.js 20 or newer is needed" >&2
    exit 1
fi

if [ -z "${CHROMIUM:-}" ] && [ ! -x /usr/bin/chromium ]; then
    as_root apt-get update
    as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends chromium
fi

if [ -z "${BROKER_CMD:-}" ] && [ ! -x ../../target/debug/actix-socketio-broker ]; then
    echo "There is no broker: run 'cargo build -p actix-socketio-broker' first, or set BROKER_CMD" >&2
    exit 1
fi

npm ci --no-audit --no-fund
npm test
