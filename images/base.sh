#!/usr/bin/env bash
# Makes the base of AetherFlow's images: Debian's C library and a Java runtime, no shell, no package
# manager, one unprivileged user. Needs Debian, dpkg-deb and a JDK 25; the output is the same for the
# same packages and JDK.
#
#   usage: images/base.sh JAVA_HOME OUT.tar
set -euo pipefail
export LC_ALL=C SOURCE_DATE_EPOCH=0

JDK=$1 OUT=$(realpath -m -- "$2")
PACKAGES=(base-files libc6 libgcc-s1 netbase zlib1g)
# What the operator, the gateway and the services load, found with jdeps, and the Vector API.
MODULES=java.base,java.compiler,java.desktop,java.instrument,java.logging,java.management,java.naming
MODULES+=,java.net.http,java.security.jgss,java.sql,java.xml,jdk.crypto.ec,jdk.httpserver
MODULES+=,jdk.incubator.vector,jdk.jfr,jdk.management,jdk.unsupported,jdk.zipfs
USER_ID=65532

WORK=$(mktemp -d)
trap 'rm -rf "$WORK"' EXIT
ROOT=$WORK/root
mkdir -p "$ROOT" "$WORK/debs" "$(dirname "$OUT")"

# Without apt's sandbox, whose user may not write to WORK; a machine without lists gets them first.
fetch_debs() { (cd "$WORK/debs" && apt-get download -q -o APT::Sandbox::User=root "${PACKAGES[@]}" >/dev/null); }
fetch_debs || { apt-get update -q && fetch_debs; }
for deb in "$WORK"/debs/*.deb; do dpkg-deb -x "$deb" "$ROOT"; done
rm -rf "$ROOT"/usr/share/{doc,man,lintian,locale} "$ROOT"/usr/lib/x86_64-linux-gnu/gconv

"$JDK/bin/jlink" --add-modules "$MODULES" --output "$ROOT/opt/java" \
  --strip-debug --no-header-files --no-man-pages --compress zip-6
if [ "$(id -u)" = 0 ] && unshare --mount true 2>/dev/null; then
  # The loader finds Java's own libraries through /proc; the mount ends with its namespace.
  unshare --mount sh -c 'mkdir -p "$0/proc" && mount --rbind /proc "$0/proc" && chroot "$0" /opt/java/bin/java -version' \
    "$ROOT" >/dev/null 2>"$WORK/said" ||
    { cat "$WORK/said" >&2; echo "the Java of this base does not start: does PACKAGES lack a library?" >&2; exit 1; }
fi
mkdir -p "$ROOT/tmp" "$ROOT/etc" "$ROOT/app"
chmod 1777 "$ROOT/tmp"
printf 'root:x:0:0:root:/:/sbin/nologin\nnonroot:x:%s:%s:nonroot:/:/sbin/nologin\n' $USER_ID $USER_ID >"$ROOT/etc/passwd"
printf 'root:x:0:\nnonroot:x:%s:\n' $USER_ID >"$ROOT/etc/group"

tar --sort=name --mtime=@0 --owner=0 --group=0 --numeric-owner --format=gnu -C "$ROOT" -cf "$WORK/layer.tar" .
DIFF=$(sha256sum "$WORK/layer.tar" | cut -d ' ' -f 1)
ARCH=$(dpkg --print-architecture)
cat >"$WORK/config.json" <<JSON
{"architecture":"$ARCH","os":"linux","created":"1970-01-01T00:00:00Z","config":{"User":"$USER_ID:$USER_ID","Env":["PATH=/opt/java/bin:/usr/bin:/bin","JAVA_HOME=/opt/java"],"WorkingDir":"/app"},"rootfs":{"type":"layers","diff_ids":["sha256:$DIFF"]},"history":[{"created":"1970-01-01T00:00:00Z","created_by":"images/base.sh"}]}
JSON
echo '[{"Config":"config.json","RepoTags":["aetherflow/base:local"],"Layers":["layer.tar"]}]' >"$WORK/manifest.json"
tar --sort=name --mtime=@0 --owner=0 --group=0 --numeric-owner -C "$WORK" -cf "$OUT" manifest.json config.json layer.tar
