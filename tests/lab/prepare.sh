#!/bin/bash
# prepare.sh CACHE: fetches Debian's kernel once and makes of it what lab.sh boots: CACHE/vmlinux, CACHE/modules/VERSION and
# CACHE/initramfs. Silent and quick when all is there. Delete CACHE to get a newer kernel.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
cache=$1
PATH=$PATH:/usr/sbin:/sbin
# Under kernel/, what a kiosk's devices and the lab itself need: 45 MB of 390.
wanted='arch/x86 crypto lib net/9p sound/core sound/usb
    fs/9p fs/configfs fs/fscache fs/netfs fs/overlayfs
    drivers/char drivers/hid drivers/i2c drivers/input drivers/leds drivers/parport drivers/usb drivers/virtio
    drivers/media/cec drivers/media/common drivers/media/mc drivers/media/rc drivers/media/test-drivers
    drivers/media/usb/uvc drivers/media/v4l2-core'
# What the initramfs loads to reach this machine's files, and to let tests make gadgets.
first='virtio_pci virtio_console 9p 9pnet_virtio overlay configfs'

die() { echo "lab: $1" >&2; exit 1; }

update_lists() {
    echo "lab: apt-get update" >&2
    if [ "$(id -u)" = 0 ]; then apt-get update -qq >/dev/null; else sudo -n apt-get update -qq >/dev/null; fi
}

# The package of the newest kernel, as linux-image-amd64 names it. The cloud kernel will not do: no USB, no cameras.
fetch_package() {
    local package
    package=$(apt-cache depends linux-image-amd64 2>/dev/null | sed -n 's/.*Depends: \(linux-image-[0-9].*\)/\1/p' | head -n 1)
    [ -n "$package" ] || return 1
    echo "lab: fetching $package" >&2
    (cd "$1" && apt-get -qq -o APT::Sandbox::User=root download "$package" >&2)
}

unpack_kernel() {
    local work version offset patterns=()
    work=$(mktemp -d "$cache/kernel.XXXXXX")
    fetch_package "$work" || { update_lists && fetch_package "$work"; } || die "the kernel's package cannot be fetched"
    for folder in $wanted; do patterns+=("./lib/modules/*/kernel/$folder/*"); done
    dpkg-deb --fsys-tarfile "$work"/linux-image-*.deb |
        tar -x -C "$work" --wildcards './boot/vmlinuz-*' './lib/modules/*/modules.*' "${patterns[@]}" ||
        die "the kernel's package cannot be unpacked"
    version=$(ls "$work/lib/modules")
    # The kernel inside its self-extracting wrapper: to unpack it in the guest would take 3 s at each start.
    offset=$(LC_ALL=C grep -obUaP '\xfd7zXZ\x00' "$work/boot/vmlinuz-$version" | head -n 1 | cut -d: -f1)
    [ -n "$offset" ] || die "the kernel is not packed with xz any more: prepare.sh must learn how it is"
    tail -c "+$((offset + 1))" "$work/boot/vmlinuz-$version" | xz -dc --single-stream >"$work/vmlinux" 2>/dev/null || true
    [ -s "$work/vmlinux" ] || die "the kernel cannot be unpacked"
    depmod -b "$work" "$version"
    rm -rf "$cache/modules"
    mv "$work/lib/modules" "$cache/modules"
    mv "$work/vmlinux" "$cache/vmlinux"
    rm -rf "$work" "$cache/initramfs"
}

# A module's files, those that it needs before it.
files_of() {
    sed -n "s|^\([^:]*/$1\.ko\): *\(.*\)|\2 \1|p" "$2/modules.dep" | awk '{ for (i = NF - 1; i > 0; i--) print $i; print $NF }'
}

build_initramfs() {
    local work modules busybox
    work=$(mktemp -d "$cache/initramfs.XXXXXX")
    modules=$(echo "$cache"/modules/*)
    busybox=$(command -v busybox)
    ldd "$busybox" 2>/dev/null | grep -q '=>' && die "busybox is not static: install the package busybox-static"
    mkdir -p "$work"/{bin,dev,host,lab,modules,new,proc,sys,writable}
    cp "$busybox" "$work/bin/busybox"
    install -m 755 "$here/guest/init" "$work/init"
    for module in $first; do
        for file in $(files_of "$module" "$modules"); do
            [ -e "$work/modules/${file##*/}" ] && continue
            cp "$modules/$file" "$work/modules/"
            echo "${file##*/}" >>"$work/modules/order"
        done
    done
    (cd "$work" && find . | cpio -o -H newc -R 0:0 --quiet) >"$work.cpio"
    mv "$work.cpio" "$cache/initramfs"
    rm -rf "$work"
}

ready() {
    [ -s "$cache/vmlinux" ] && [ -s "$cache/initramfs" ] && [ ! "$here/guest/init" -nt "$cache/initramfs" ] &&
        [ ! "$here/prepare.sh" -nt "$cache/initramfs" ]
}

ready && exit 0
mkdir -p "$cache"
exec 9>"$cache/lock"
flock 9
ready && exit 0
# What an earlier run had to leave half done.
rm -rf "$cache"/kernel.* "$cache"/initramfs.*
# A changed list of modules needs the package again.
[ -s "$cache/vmlinux" ] && [ "$(cat "$cache/wanted" 2>/dev/null)" = "$wanted" ] || { unpack_kernel; echo "$wanted" >"$cache/wanted"; }
build_initramfs
