"""Reads PWG Raster with CUPS' own library and tells, as JSON, what each page is: an independent reader for tests.

usage: read_raster.py FILE
"""

import ctypes
import json
import os
import struct
import sys

cups = ctypes.CDLL("libcups.so.2")
cups.cupsRasterOpen.restype = ctypes.c_void_p
cups.cupsRasterOpen.argtypes = [ctypes.c_int, ctypes.c_int]
cups.cupsRasterReadHeader2.argtypes = [ctypes.c_void_p, ctypes.c_char_p]
cups.cupsRasterReadPixels.argtypes = [ctypes.c_void_p, ctypes.c_char_p, ctypes.c_uint]

HEADER = 1796  # cups_page_header2_t (cups/raster.h)
file = os.open(sys.argv[1], os.O_RDONLY)
raster = cups.cupsRasterOpen(file, 0)
pages = []
while raster:
    header = ctypes.create_string_buffer(HEADER)
    if not cups.cupsRasterReadHeader2(raster, header):
        break
    word = lambda at: struct.unpack_from("=I", header.raw, at)[0]
    width, height, line = word(372), word(376), word(392)
    lines = []
    for _ in range(height):
        row = ctypes.create_string_buffer(line)
        if cups.cupsRasterReadPixels(raster, row, line) != line:
            sys.exit("a page is cut short")
        lines.append(row.raw)
    per_dot = word(388) // 8
    dot = lambda x, y: list(lines[y][x * per_dot : (x + 1) * per_dot])
    # Every fourth dot of every fourth line.
    sampled = (dot(x, y) for y in range(0, height, 4) for x in range(0, width, 4)) if word(420) == 3 else ()
    pages.append({
        "media_class": header.raw[:64].split(b"\0")[0].decode(),
        "size_name": header.raw[1732:1796].split(b"\0")[0].decode(),
        "dpi": [word(276), word(280)],
        "width": width,
        "height": height,
        "colors": word(420),
        "color_space": word(400),
        "duplex": word(272),
        # At a quarter from the left and from the top, and the same from below.
        "above": dot(width // 4, height // 4),
        "below": dot(width // 4, height * 3 // 4),
        "red": sum(1 for red, green, blue in sampled if red > 150 and green < 90 and blue < 90),
    })
print(json.dumps(pages))
