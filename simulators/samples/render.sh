#!/bin/sh
# Renders src/*.html to scanned-looking JPEG pages of 300 dpi, and writes what is printed on each beside it.
# Needs: chromium, fonts-liberation, python3-pil, python3-numpy (apt-get install …); PYTHON names the interpreter that has them.
set -eu
cd "$(dirname "$0")"
python=${PYTHON:-python3}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
browse() {
    chromium --headless --no-sandbox --disable-gpu --hide-scrollbars --allow-file-access-from-files \
        --window-size=794,1123 --user-data-dir="$work/profile" "$@" 2>"$work/log" || { cat "$work/log" >&2; exit 1; }
}
"$python" src/stamps.py
for page in src/*.html; do
    name=$(basename "$page" .html)
    # A4 is 794 x 1123 CSS pixels; 3.125 times that is 300 dots an inch.
    browse --force-device-scale-factor=3.125 --screenshot="$work/$name.png" "file://$PWD/$page" >/dev/null
    browse --dump-dom "file://$PWD/$page" >"$work/$name.dom"
    "$python" src/truth.py "$work/$name.dom" "$name.txt"
    "$python" src/scan.py "$work/$name.png" "$name.jpg"
done
