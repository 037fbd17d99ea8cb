#!/bin/sh
# Fetches the browser client of a version of the npm package `socket.io` into this folder: assets/client/update.sh 4.8.4
set -eu
version=${1:?usage: update.sh VERSION}
here=$(cd "$(dirname "$0")" && pwd)
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
cd "$scratch"
npm pack --silent "socket.io@$version"
tar -xzf "socket.io-$version.tgz" package/client-dist package/LICENSE
rm -f "$here"/socket.io*
cp package/client-dist/* "$here"
cp package/LICENSE "$here/LICENSE"
printf %s "$version" >"$here/VERSION"
cd "$here"
sha256sum socket.io* >SHA256SUMS
chmod 644 ./*
chmod 755 update.sh
