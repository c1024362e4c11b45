#!/usr/bin/env bash
# Runs one command with the Swift of a folder that make-folder.sh made, in this directory and at the same path. Root
# only. Mounts and processes are private to the run and end with it.
#   in-folder.sh FOLDER COMMAND…
# SHOWN: folders that are seen inside at their own paths, separated by colons. PASSED: names of variables that go inside.
set -euo pipefail

export folder=$1
shift
[ -e "$folder/.has-swift" ] || { printf 'there is no Swift in %s\n' "$folder" >&2; exit 127; }
export here=$PWD shown=${SHOWN:-$PWD}
settings=()
for name in ${PASSED:-}; do
    [ -z "${!name+there}" ] || settings+=("$name=${!name}")
done

unshare --mount --propagation private --pid --fork --kill-child bash -c '
    set -e
    mount -t proc proc "$folder/proc"
    mount --rbind /dev "$folder/dev"
    IFS=:
    for place in $shown; do
        mkdir -p "$folder$place"
        mount --rbind "$place" "$folder$place"
    done
    unset IFS
    exec chroot "$folder" env -i PATH=/usr/libexec/swift/bin:/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LANG=C.UTF-8 \
        TERM="${TERM:-dumb}" "$@"
' bash "${settings[@]}" bash -c 'cd "$0" && exec "$@"' "$here" "$@" <&0 &
child=$!
# unshare does not end at these signals by itself, and the command is the first process of its own space.
trap 'kill -KILL $child 2>/dev/null; exit 143' INT TERM HUP
wait "$child"
