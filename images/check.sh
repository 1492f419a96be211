#!/usr/bin/env bash
# Starts the program of an image as its user in a root of its own, without a container engine, and
# shows what it says: with no cluster around, a sentence about what is missing. Needs root.
#
#   usage: images/check.sh IMAGE.tar
set -euo pipefail

WORK=$(mktemp -d)
trap 'rm -rf "$WORK"' EXIT
mkdir "$WORK/image" "$WORK/root"
tar -C "$WORK/image" -xf "$1"
read_json() { python3 -c "import json,sys; d=json.load(open('$WORK/image/$1')); print($2)"; }
for layer in $(read_json manifest.json "' '.join(d[0]['Layers'])"); do
  tar -C "$WORK/root" --warning=no-unknown-keyword -xf "$WORK/image/$layer"
done
CONFIG=$(read_json manifest.json "d[0]['Config']")
USER=$(read_json "$CONFIG" "d['config']['User']")
mapfile -t COMMAND < <(read_json "$CONFIG" "'\n'.join(d['config']['Entrypoint'])")
echo "user $USER: ${COMMAND[*]}"
[ "$USER" = 65532:65532 ] || { echo "the image does not say that it runs as nobody special" >&2; exit 1; }
CHROOT=$(command -v chroot)
# As in a container there is /proc; the mount ends with the namespace, before the folder is removed.
mkdir -p "$WORK/root/proc"
unshare --mount sh -c 'mount --rbind /proc "$0/proc" && exec "$@"' "$WORK/root" \
  timeout 20 env -i PATH=/opt/java/bin:/usr/bin JAVA_TOOL_OPTIONS="-Xmx128m -XX:+UseSerialGC" \
  "$CHROOT" --userspec="$USER" "$WORK/root" "${COMMAND[@]}" >"$WORK/said" 2>&1 || true
head -20 "$WORK/said"
# A program's own words: lines of JSON, or which variable it lacks. A Java that does not start, or a
# class that is missing, says something else.
grep -Eq '"component":|^[a-z-]+: environment variable [A-Z_]+ is not set' "$WORK/said" || { echo "the program did not start" >&2; exit 1; }
