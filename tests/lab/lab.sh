#!/bin/bash
# lab.sh [OPTION...] [--] PROGRAM [ARGUMENT...]
# Runs PROGRAM as root in a throw-away guest with a kernel of its own, real udev and this machine's files; see README.md.
#   -m MODULES  kernel modules to load first, by commas
#   -a ARGS     more arguments of the kernel; parameters of modules too: "vivid.n_devs=2 dummy_hcd.num=2"
#   -q ARGS     more arguments of QEMU; %S stands for the scratch folder
#   -s FOLDER   scratch folder, /lab inside (default: a temporary one); console.log and dmesg.log are left in it
#   -e NAME     pass this variable of the environment
#   -t SECONDS  time limit (300)
#   -M MIB      memory (768)
#   -v          print when the guest reached which mark
#   --prepare   only fetch the kernel and build the initramfs
#   --missing   only name what this machine lacks for it; fails if there is something
# Exit status: PROGRAM's; 124: time limit; 125: the guest ended by itself, or its kernel found a fault; 64: wrong use.
set -u
here=$(cd "$(dirname "$0")" && pwd)
source_tree=$(dirname "$(dirname "$here")")
cache=$source_tree/target/lab

die() { echo "lab: $1" >&2; exit "${2:-125}"; }
usage() { sed -n '2,/^set -u/ { /^#/ s/^# \{0,1\}//p }' "$0" >&2; exit 64; }

missing() {
    local lacks=''
    [ "$(uname -sm)" = "Linux x86_64" ] || lacks="$lacks an x86-64 Linux;"
    for need in qemu-system-x86_64:qemu-system-x86 busybox:busybox-static cpio:cpio xz:xz-utils depmod:kmod \
        udevadm:udev apt-get:apt dpkg-deb:dpkg flock:util-linux setpriv:util-linux; do
        PATH=$PATH:/usr/sbin:/sbin command -v "${need%%:*}" >/dev/null || lacks="$lacks ${need%%:*} (package ${need##*:});"
    done
    [ -z "$lacks" ] || { echo "it needs${lacks%;}"; return 1; }
}

modules='' kernel_args='' qemu_args='' scratch='' seconds=300 mib=768 verbose='' variables=(RUST_BACKTRACE RUST_LOG KIOSK_LOG)
while [ $# -gt 0 ]; do
    case $1 in
    -[maqsetM]) [ $# -gt 1 ] || usage ;;&
    -m) modules=${2//,/ }; shift ;;
    -a) kernel_args=$2; shift ;;
    -q) qemu_args=$2; shift ;;
    -s) scratch=$2; shift ;;
    -e) variables+=("$2"); shift ;;
    -t) seconds=$2; shift ;;
    -M) mib=$2; shift ;;
    -v) verbose=1 ;;
    --prepare) "$here/prepare.sh" "$cache"; exit ;;
    --missing) missing; exit ;;
    --) shift; break ;;
    -*) usage ;;
    *) break ;;
    esac
    shift || usage
done
[ $# -gt 0 ] || usage
lacks=$(missing) || die "$lacks"
"$here/prepare.sh" "$cache" || exit 125

# ---- what the guest is to do: files in /lab/.lab ----------------------------------------------------------------------

temporary=''
[ -n "$scratch" ] || { scratch=$(mktemp -d "${TMPDIR:-/tmp}/lab.XXXXXX") && temporary=$scratch || die "no temporary folder"; }
trap '[ -z "$temporary" ] || rm -rf "$temporary"' EXIT
mkdir -p "$scratch" && scratch=$(cd "$scratch" && pwd) || die "no scratch folder"
rm -rf "$scratch/.lab" "$scratch/console.log" "$scratch/dmesg.log" "$scratch/qemu.log"
mkdir -p "$scratch/.lab/rules"
cp "$here/guest/pid1" "$scratch/.lab/pid1"
cp "$source_tree"/udev/*.rules "$scratch/.lab/rules/" 2>/dev/null   # there may be none
echo "$modules" >"$scratch/.lab/modules"
{
    for name in "${variables[@]}"; do [ -z "${!name+set}" ] || printf 'export %s=%q\n' "$name" "${!name}"; done
    printf 'cd %q\nexec' "$PWD"
    printf ' %q' "$@"
    echo
} >"$scratch/.lab/program"

# ---- the guest --------------------------------------------------------------------------------------------------------

# A folder of this machine, given to the guest: share NAME FOLDER [OPTION]
shares=()
share() {
    shares+=(-fsdev "local,id=$1,path=$2,security_model=none,multidevs=remap${3-}" -device "virtio-9p-pci,fsdev=$1,mount_tag=$1")
}
share root / ,readonly=on
share modules "$cache/modules" ,readonly=on
share scratch "$scratch"

# Most of these spare work that an emulated processor has no time for. No watchdogs: on a loaded machine the guest may
# stand still for seconds. A fault of the kernel ends the guest at once, since what comes after it means nothing.
kernel="console=ttyS0,115200 quiet loglevel=3 panic=-1 oops=panic nowatchdog tsc=reliable no_timer_check mitigations=off nokaslr nopti"
kernel="$kernel rodata=off cryptomgr.notests audit=0 apparmor=0 init_on_alloc=0 random.trust_cpu=on $kernel_args"
bios=()
[ ! -f /usr/share/qemu/qboot.rom ] || bios=(-bios qboot.rom)

# QEMU opens these two anew, which a pipe allows, whatever our own stdout and stderr are.
exec 5> >(exec cat)
out=$!
exec 6> >(exec cat >&2)
err=$!
# shellcheck disable=SC2086 # several arguments
setpriv --pdeathsig TERM timeout -k 5 "$seconds" qemu-system-x86_64 -nodefaults -no-user-config -display none -no-reboot \
    "${bios[@]}" -machine q35 -accel tcg -cpu max -smp 1 -m "$mib" \
    -kernel "$cache/vmlinux" -initrd "$cache/initramfs" -append "$kernel" -serial "file:$scratch/console.log" \
    -device virtio-serial-pci -chardev file,id=out,path=/dev/fd/5 -device virtserialport,chardev=out,name=out \
    -chardev file,id=err,path=/dev/fd/6 -device virtserialport,chardev=err,name=err \
    "${shares[@]}" ${qemu_args//%S/$scratch} </dev/null >/dev/null 2>"$scratch/qemu.log" &
guest=$!
exec 5>&- 6>&-
stopped=''
trap 'stopped=1; kill "$guest" 2>/dev/null' INT TERM HUP
wait "$guest"
ended=$?
# A signal ends the first wait; the guest takes a moment.
[ -z "$stopped" ] || wait "$guest"
wait "$out" "$err"

# ---- what became of it ------------------------------------------------------------------------------------------------

[ -z "$stopped" ] || exit 143
[ -z "$verbose" ] || grep -a '^lab: ' "$scratch/console.log" >&2
status=$(cat "$scratch/.lab/status" 2>/dev/null)
problem=''
if [ "$ended" = 124 ] || [ "$ended" = 137 ]; then
    problem="the time limit of $seconds s is over${status:+, though the program ended with status $status}"
    status=124
elif [ -z "$status" ]; then
    problem="the guest ended by itself (QEMU: $ended)"
    status=125
fi
if [ -n "$problem" ]; then
    echo "lab: $problem; its console ended with:" >&2
    tail -q -n 15 "$scratch/qemu.log" "$scratch/console.log" 2>/dev/null | tr -d '\r' >&2
fi
faults='BUG: |kernel BUG |Oops: |general protection fault|Kernel panic|lab: cannot '
if grep -aqsE "$faults" "$scratch/console.log" "$scratch/dmesg.log"; then
    echo "lab: the guest's kernel says:" >&2
    grep -ahsE -A 12 "$faults" "$scratch/dmesg.log" "$scratch/console.log" | tr -d '\r' | head -n 40 >&2
    [ "$status" != 0 ] || status=125
fi
exit "$status"
