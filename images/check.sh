#!/usr/bin/env bash
# Starts the program of an image as its user in a root of its own, without a container engine, and
# shows what it says: with no cluster around, a sentence about what is missing. If the image has a
# cache of classes, Java must accept it. Needs root.
#
#   usage: images/check.sh IMAGE.tar
set -euo pipefail
. "$(dirname -- "$0")/root.sh"

WORK=$(mktemp -d)
trap 'rm -rf "$WORK"' EXIT
unpack "$1" "$WORK"
echo "user $USER_ID: ${COMMAND[*]}"
[ "$USER_ID" = 65532:65532 ] || { echo "the image does not say that it runs as nobody special" >&2; exit 1; }
OPTIONS="-Xmx128m"
# 'on' instead of the default 'auto': a cache that does not fit ends the JVM instead of slowing its start.
case "${COMMAND[*]}" in *-XX:AOTCache=*) OPTIONS+=" -XX:AOTMode=on" ;; esac
# The collectors of the profiles Development and Production.
for collector in UseSerialGC UseG1GC; do
  in_container "$WORK/root" \
    timeout 20 env -i PATH=/opt/java/bin:/usr/bin JAVA_TOOL_OPTIONS="$OPTIONS -XX:+$collector" \
    "$(command -v chroot)" --userspec="$USER_ID" "$WORK/root" "${COMMAND[@]}" >"$WORK/said" 2>&1 || true
  head -20 "$WORK/said"
  # A program's own words: lines of JSON, or which variable it lacks. A Java that does not start, or a
  # class that is missing, says something else.
  grep -Eq '"component":|^[a-z-]+: environment variable [A-Z_]+ is not set' "$WORK/said" || { echo "the program did not start" >&2; exit 1; }
done
