"""Makes a clean page picture look scanned: a little rotation, soft edges, uneven light, sensor noise. Seeded by the name."""
import sys
import zlib
from pathlib import Path

import numpy as np
from PIL import Image, ImageFilter

SIZE = (2480, 3508)  # A4 at 300 dots an inch
LIMIT = 900_000  # bytes of a sample

source, target = map(Path, sys.argv[1:3])
random = np.random.default_rng(zlib.crc32(target.name.encode()))
page = Image.open(source).convert("RGB").resize(SIZE, Image.Resampling.LANCZOS)
angle = float(random.choice([-1, 1]) * random.uniform(0.15, 0.45))
page = page.rotate(angle, Image.Resampling.BICUBIC, fillcolor=(250, 249, 245)).filter(ImageFilter.GaussianBlur(0.6))
dots = np.asarray(page, dtype=np.float32)
light = np.linspace(1.0, 0.965, SIZE[0], dtype=np.float32)[None, :, None]
noise = random.normal(0, 2.2, dots.shape[:2]).astype(np.float32)[:, :, None]
page = Image.fromarray(np.clip(dots * light + noise, 0, 255).astype(np.uint8))
for quality in (80, 78, 75, 70):
    page.save(target, quality=quality, dpi=(300, 300), optimize=True)
    if target.stat().st_size <= LIMIT:
        break
else:
    sys.exit(f"{target} is larger than {LIMIT} bytes")
print(f"{target.name}: {target.stat().st_size} bytes, quality {quality}, turned {angle:.2f} degrees")
