"""Packs dots by python-escpos, an ESC/POS encoder that is not ours, and prints the microseconds that one picture takes
(without the commands around it).

pack_raster.py FILE COUNT   FILE has rows of 72 bytes, black is 1
"""

import statistics
import sys
import time
from pathlib import Path

from escpos.image import EscposImage
from PIL import Image

ROW_BYTES = 72


def main() -> None:
    dots = Path(sys.argv[1]).read_bytes()
    rows = len(dots) // ROW_BYTES
    # In Pillow's pictures of one bit white is 1.
    picture = Image.frombytes("1", (ROW_BYTES * 8, rows), bytes(255 - byte for byte in dots))
    times = []
    for _ in range(int(sys.argv[2])):
        since = time.perf_counter()
        packed = EscposImage(picture).to_raster_format()
        times.append(time.perf_counter() - since)
        assert packed == dots
    print(statistics.median(times) * 1e6)


main()
