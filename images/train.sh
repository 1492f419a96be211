#!/usr/bin/env bash
# Starts the program of an image beside a real etcd, ends it when it is ready, and keeps what Java
# learned of its classes on the way (an AOT cache, JEP 483 and 514): the next start loads them from
# there. A program that lacks more than etcd, as the operator its API, is trained for some seconds.
# With a LOAD, a shell command that runs beside the program in its network and finds its settings in
# $CONFIG, the cache also holds what the compilers learned under it (JEP 515): they have less to do
# when the program starts.
# Tells how long the start took without and with the cache. Needs root, etcd and etcdctl.
#
#   usage: images/train.sh IMAGE.tar OUT.aot [LOAD]
set -euo pipefail
. "$(dirname -- "$0")/root.sh"

is_ready() {
  local status
  { exec 3<>/dev/tcp/127.0.0.1/8081 && printf 'GET /readyz HTTP/1.0\r\n\r\n' >&3 && read -r -t 2 status <&3; } || return
  exec 3>&-
  [[ $status == *" 200 "* ]]
}

# One start in the unpacked image, in the namespaces that 'run' below makes.
if [ "${1:-}" = --run ]; then
  shift
  ROOT=$1 USER_ID=$2 OPTION=$3
  shift 3
  MILLIS_MAX=10000
  etcd --data-dir "$ROOT/../etcd$RANDOM" --log-level error >/dev/null 2>&1 &
  ETCD=$!
  trap 'kill $ETCD 2>/dev/null; wait $ETCD 2>/dev/null || true' EXIT
  etcdctl --command-timeout=20s put ready yes >/dev/null
  start=$(date +%s%3N)
  # Two minutes after the TERM below, for the cache is written at the end.
  timeout -k 120 150 env -i PATH=/opt/java/bin:/usr/bin POD_NAME=train POD_IP=127.0.0.1 LISTEN_ADDRESS=127.0.0.1 \
    AETHERFLOW_SERVICE=train QUANTUM_CONFIG_DIR=/tmp/config JWT_SECRET_FILE=/tmp/config/secret \
    JAVA_TOOL_OPTIONS="-Xmx256m -XX:+UseSerialGC $OPTION" \
    "$(command -v chroot)" --userspec="$USER_ID" "$ROOT" "$@" >"$ROOT/tmp/said" 2>&1 &
  program=$!
  said="not ready within $MILLIS_MAX ms"
  while kill -0 $program 2>/dev/null && [ $(($(date +%s%3N) - start)) -lt $MILLIS_MAX ]; do
    if is_ready 2>/dev/null; then
      said="ready after $(($(date +%s%3N) - start)) ms"
      break
    fi
    sleep 0.02
  done
  echo "$said"
  loaded=0
  if [[ -n $LOAD && $OPTION == -XX:AOTCacheOutput=* && $said != ready* ]]; then
    echo "the program is $said, so it was not put under load" >&2
    loaded=1
  elif [[ -n $LOAD && $OPTION == -XX:AOTCacheOutput=* ]]; then
    CONFIG=$ROOT/tmp/config bash -c "$LOAD" >"$ROOT/tmp/load" 2>&1 || loaded=$?
    [ $loaded = 0 ] || echo "the program was ready, and its load failed:" >&2
    [ $loaded = 0 ] || tail -3 "$ROOT/tmp/load" >&2
  fi
  kill -TERM $program 2>/dev/null || true
  wait $program || true
  exit $loaded
fi

WORK=$(mktemp -d) OUT=$(realpath -m -- "$2")
export LOAD=${3:-}
trap 'rm -rf "$WORK"' EXIT
unpack "$1" "$WORK"
mkdir "$WORK/root/tmp/config"
echo http://127.0.0.1:2379 >"$WORK/root/tmp/config/etcd-endpoints"
head -c 32 /dev/urandom | base64 >"$WORK/root/tmp/config/secret"
run() { in_container "$WORK/root" bash "$0" --run "$WORK/root" "$USER_ID" "$1" "${COMMAND[@]}"; }
rm -f "$OUT"
first=$(run -Xmx256m)
echo "without cache, $first"
run -XX:AOTCacheOutput=/tmp/app.aot >/dev/null
[ -s "$WORK/root/tmp/app.aot" ] || { tail -5 "$WORK/root/tmp/said" >&2; echo "no cache was made" >&2; exit 1; }
second=$(run -XX:AOTCache=/tmp/app.aot)
echo "with cache, $second"
mkdir -p "$(dirname "$OUT")"
cp "$WORK/root/tmp/app.aot" "$OUT"
