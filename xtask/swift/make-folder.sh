#!/usr/bin/env bash
# Makes a folder with a Debian that has Swift 6, for a Debian that has none. Root only. It can be run again at any time:
# what is finished is kept, what an interrupted run left half-made is made anew. Mounts and processes are private to the
# run and end with it.
#   make-folder.sh FOLDER
# SWIFT_SUITE names the Debian release that is put in the folder, SWIFT_MIRROR the mirror (default: this system's own).
set -euo pipefail

folder=${1:?where the folder is to be}
suite=${SWIFT_SUITE:-trixie}
log=$folder.log

if [ "${INSIDE_PRIVATE_SPACE:-}" != yes ]; then
    mkdir -p "$(dirname "$folder")"
    INSIDE_PRIVATE_SPACE=yes unshare --mount --propagation private --pid --fork --kill-child bash "$0" "$folder" &
    child=$!
    # unshare does not end at these signals by itself.
    trap 'kill -KILL $child 2>/dev/null; exit 143' INT TERM HUP
    wait "$child"
    exit
fi

mount -t proc proc /proc
exec 9>"$folder.lock"
flock 9

[ ! -e "$folder/.has-swift" ] || exit 0
: >"$log"

# quietly WHAT COMMAND…: one line while it goes well, the end of the log when it does not.
quietly() {
    local what=$1
    shift
    printf '   %s\n' "$what" >&2
    "$@" >>"$log" 2>&1 </dev/null || {
        printf '   failed: %s. The end of %s:\n' "$what" "$log" >&2
        tail -n 20 "$log" >&2
        exit 1
    }
}

inside() {
    chroot "$folder" env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LANG=C.UTF-8 DEBIAN_FRONTEND=noninteractive "$@"
}

# The mirror that this system installs its own packages from.
own_mirror() {
    apt-get indextargets --format '$(SITE) $(CODENAME) $(COMPONENT)' 2>/dev/null |
        awk -v own="$(. /etc/os-release && printf %s "$VERSION_CODENAME")" '$2 == own && $3 == "main" { print $1; exit }'
}

if [ ! -e "$folder/.has-debian" ]; then
    rm -rf --one-file-system "$folder"
    if ! command -v debootstrap >/dev/null; then
        quietly "the list of Debian's packages" apt-get update -q
        quietly "debootstrap" env DEBIAN_FRONTEND=noninteractive apt-get install -qy --no-install-recommends debootstrap
    fi
    mirror=${SWIFT_MIRROR:-$(own_mirror)}
    [ -n "$mirror" ] || { printf '   no mirror is known: name one in SWIFT_MIRROR\n' >&2; exit 1; }
    proxy=
    eval "$(apt-config shell proxy Acquire::http::Proxy)"
    [ -z "$proxy" ] || export http_proxy=$proxy
    needed=ca-certificates,gcc,g++,libc6-dev,binutils,make,libstdc++-14-dev,libcurl4-openssl-dev,libxml2-dev,libsqlite3-dev,tzdata
    quietly "Debian $suite" debootstrap --variant=minbase --include="$needed" \
        --keyring=/usr/share/keyrings/debian-archive-keyring.gpg "$suite" "$folder" "$mirror"
    umount "$folder/proc" "$folder/sys" 2>/dev/null || true
    # How this system fetches packages holds inside as well.
    apt-config dump | grep -E '^Acquire::(https?|Retries|Check-)' >"$folder/etc/apt/apt.conf.d/90as-outside" || true
    printf 'path-exclude=/usr/share/%s/*\n' doc man info locale >"$folder/etc/dpkg/dpkg.cfg.d/without-manuals"
    : >"$folder/.has-debian"
fi

mount -t proc proc "$folder/proc"
mount --rbind /dev "$folder/dev"
cp -L /etc/resolv.conf /etc/hosts "$folder/etc/" 2>/dev/null || true

inside dpkg --configure -a >>"$log" 2>&1
quietly "the list of its packages" inside apt-get update -q
quietly "Swift" inside apt-get install -qy --no-install-recommends swiftlang
inside apt-get clean

mkdir -p "$folder/opt/try"
printf 'import Foundation\nprint(Date(timeIntervalSince1970: 0) < Date() ? "works" : "does not")\n' >"$folder/opt/try/try.swift"
quietly "a first program" inside sh -c 'cd /opt/try && swiftc try.swift -o try && test "$(./try)" = works'
: >"$folder/.has-swift"
