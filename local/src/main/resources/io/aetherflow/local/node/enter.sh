#!/bin/sh
# Gives a container its own view of the files: a fresh root whose entries lead to the host's, with
# the container's mounts laid over them. Runs in a new mount and UTS namespace and becomes the
# program, so the process keeps its id.
#
# usage: enter.sh STAGE HOSTNAME USER WORKDIR ROOT-MODE MOUNTS PROGRAM [ARGUMENT...]
#   STAGE      empty directory to build the root on
#   USER       uid:gid to run as, or - where the namespace has only one user
#   ROOT-MODE  ro or rw
#   MOUNTS     file of lines "ro|rw <tab> source <tab> target"
set -eu
# chroot and its kin are not on every user's path.
PATH=$PATH:/usr/sbin:/sbin
stage=$1 name=$2 user=$3 workdir=$4 root_mode=$5 mounts=$6
shift 6

mount -t tmpfs -o size=16m,mode=755 root "$stage"
mkdir "$stage/.host" "$stage/tmp"
chmod 1777 "$stage/tmp"
mount --rbind / "$stage/.host"
for dir in proc sys dev; do
  mkdir "$stage/$dir"
  mount --rbind "/$dir" "$stage/$dir"
done

# Fills an own directory with links to what the host has there and the stage does not.
link_host() {
  for entry in "$stage/.host$1"/* "$stage/.host$1"/.[!.]*; do
    leaf=${entry##*/}
    if [ -e "$entry" ] || [ -L "$entry" ]; then
      if [ ! -e "$stage$1/$leaf" ] && [ ! -L "$stage$1/$leaf" ]; then
        set -- "$@" "/.host$1/$leaf"
      fi
    fi
  done
  own=$1
  shift
  [ $# -eq 0 ] || ln -s -t "$stage$own" -- "$@"
}

# Makes a directory of the container's own where there was a link into the host.
own_dir() {
  [ -L "$stage$1" ] || [ ! -d "$stage$1" ] || return 0
  case ${1%/*} in '') ;; *) own_dir "${1%/*}" ;; esac
  rm -f "$stage$1"
  mkdir "$stage$1"
  [ ! -d "$stage/.host$1" ] || link_host "$1"
}

link_host ''
tab=$(printf '\t')
while IFS=$tab read -r mode source target; do
  parent=${target%/*}
  [ -z "$parent" ] || own_dir "$parent"
  [ ! -L "$stage$target" ] || rm -f "$stage$target"
  if [ -d "$source" ]; then mkdir -p "$stage$target"; else : >>"$stage$target"; fi
  mount --bind "$source" "$stage$target"
  # A user namespace may not drop flags that the host's mount has; the container then can write
  # only what its user could write on the host.
  [ "$mode" = rw ] || mount -o remount,bind,ro "$stage$target" 2>/dev/null || true
done <"$mounts"
own_dir /etc
for file in hosts resolv.conf; do
  rm -f "$stage/etc/$file"
  ln -s "/.pod/$file" "$stage/etc/$file"
done
mount -o remount,bind,ro "$stage/.host" 2>/dev/null || true
[ "$root_mode" = rw ] || mount -o remount,ro "$stage" 2>/dev/null || true
hostname "$name" 2>/dev/null || true
unset OLDPWD

drop='--no-new-privs --bounding-set=-all --inh-caps=-all'
[ "$user" = - ] || drop="$drop --reuid=${user%:*} --regid=${user#*:} --clear-groups"
# The program's working directory is set by a shell inside: chroot itself always starts in /.
exec chroot "$stage" /bin/sh -c 'cd "$1"; shift; exec "$@"' sh "$workdir" setpriv $drop -- "$@"
