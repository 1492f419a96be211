# Sourced by the scripts beside it: the file system of an image, and running its program in it
# without a container engine. Needs root and python3.

# unpack IMAGE.tar DIR: its layers in DIR/root; sets USER_ID and COMMAND to what the image runs.
unpack() {
  local image=$2/image root=$2/root layer config
  mkdir "$image" "$root"
  tar -C "$image" -xf "$1"
  read_json() { python3 -c "import json,sys; d=json.load(open('$image/$1')); print($2)"; }
  for layer in $(read_json manifest.json "' '.join(d[0]['Layers'])"); do
    tar -C "$root" --warning=no-unknown-keyword -xf "$image/$layer"
  done
  config=$(read_json manifest.json "d[0]['Config']")
  USER_ID=$(read_json "$config" "d['config']['User']")
  mapfile -t COMMAND < <(read_json "$config" "'\n'.join(d['config']['Entrypoint'])")
  rm -r "$image"
}

# in_container ROOT COMMAND...: with /proc and /dev as in a container and a network of its own; the
# mounts end with their namespace, before the folder is removed. COMMAND runs outside of the root.
in_container() {
  mkdir -p "$1/proc" "$1/dev"
  unshare --mount --net sh -c '
    ip link set lo up && mount --rbind /proc "$0/proc" && mount --rbind /dev "$0/dev" && exec "$@"' "$@"
}
