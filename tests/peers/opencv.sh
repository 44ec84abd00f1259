#!/bin/sh
# Fetches OpenCV's Python package for `make bench` into .venv/opencv.
set -eu
cd -- "$(dirname -- "$0")/../.."
[ -x .venv/opencv/bin/python ] && exit 0
rm -rf .venv/opencv.new
python3 -m venv .venv/opencv.new
.venv/opencv.new/bin/python -m pip install --quiet --disable-pip-version-check --only-binary :all: opencv-python-headless==5.0.0.93
mv .venv/opencv.new .venv/opencv
