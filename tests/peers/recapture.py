"""Pictures of a camera before which a person stands, or somebody holds a print or a screen with that person's face.

recapture(face, kind, seed, size) -> 8-bit BGR. Everything comes from the seed; nothing but numpy and OpenCV is used.
kind: live; print (a press's or laser printer's screen of dots), inkjet (dots by chance), screen (a display's coloured stripes).
period: the screen's lines or the display's pixels, in pixels of the camera; border: the edges of paper or display are seen.
"""
import pathlib
import sys

import cv2
import numpy as np

KINDS = ("live", "print", "inkjet", "screen")
SKIN = np.float32([1.0, 0.72, 0.55])                                 # red, green, blue
INKS = ((15, 0.95, (1, 0, 0)), (75, 0.9, (0, 1, 0)), (0, 0.9, (0, 0, 1)), (45, 0.9, (1, 1, 1)))  # angle, darkness, takes
SPOT = 128                                                           # half the square about the middle with fine structure
RIM = 8                                                              # and so much more, for the blur


def portrait(face):
    """The face 276 pixels wide, linear RGB; how much of each pixel is the head."""
    face = face[..., None] * SKIN if face.ndim == 2 else face[..., ::-1]
    face = cv2.resize(np.float32(face), (276, round(face.shape[0] * 276 / face.shape[1])), interpolation=cv2.INTER_CUBIC)
    face = cv2.copyMakeBorder((np.clip(face, 0, 255) / 255) ** 2.2, 60, 60, 90, 90, cv2.BORDER_REPLICATE)
    high, wide = face.shape[:2]
    y, x = np.mgrid[0:high, 0:wide].astype(np.float32)
    return face, np.clip((1.25 - np.hypot((x - wide / 2) / 138, (y - high / 2) / (high / 2 - 60))) / 0.35, 0, 1)


def room(rng, width, height):
    """A wall; and doors, shelves, posters: straight edges, which live pictures have too."""
    wall = cv2.resize(rng.uniform(0.12, 0.45, (3, 4)).astype(np.float32), (width, height), interpolation=cv2.INTER_CUBIC)
    wall = np.repeat(wall[..., None], 3, 2) * rng.uniform(0.85, 1.1, 3).astype(np.float32)
    for _ in range(rng.integers(0, 6)):
        at, side = rng.uniform(-0.1, 0.9, 2) * (width, height), rng.uniform(0.05, 0.6, 2) * (width, height)
        corners = cv2.boxPoints(((at + side / 2).tolist(), side.tolist(), rng.uniform(-3, 3))).astype(np.int32)
        cv2.fillPoly(wall, [corners], (wall.mean() * rng.uniform(0.4, 1.8) * rng.uniform(0.8, 1.2, 3)).tolist(), cv2.LINE_AA)
    return cv2.GaussianBlur(wall, (0, 0), rng.uniform(0.5, 3))


def dots(light, u, v, period, rng, by_chance, fine):
    """A print of `light` with four inks; dots as large as there is ink. Where not `fine`, their mean."""
    def dot(cover, limit):
        return np.clip((cover - limit) * 4 + np.float32(0.5), 0, 1)

    def limits(degrees):
        if by_chance:
            return rng.random(u.shape, np.float32)
        c, s = (np.float32(2 * np.pi / period * f(np.radians(degrees))) for f in (np.cos, np.sin))
        return (np.cos(c * u + s * v) + np.cos(c * v - s * u)) * np.float32(0.25) + np.float32(0.5)

    ink = 1 - np.clip(light, 0, 1) ** np.float32(1 / 1.8)
    black, out = ink.min(2) * np.float32(0.5), np.ones_like(light)
    even, wave, covers = np.linspace(0, 1, 64), np.cos(np.linspace(0, np.pi, 64)) / 4, np.linspace(0, 1, 33)
    means = [dot(cover, even if by_chance else 0.5 + wave + wave[:, None]).mean() for cover in covers]
    for index, (degrees, dark, takes) in enumerate(INKS):
        cover = black if index == 3 else (ink[..., index] - black) / (1.001 - black)
        here = dot(cover, limits(degrees)) if fine else np.interp(cover, covers, means).astype(np.float32)
        out *= 1 - here[..., None] * np.float32(takes) * np.float32(dark)
    return out


def stripes(light, u, v, period):
    """A display that shows `light`: each pixel three upright stripes, dark between them."""
    def lit(at, part):
        return np.clip((np.float32(part / 2) - np.abs((at + np.float32(0.5)) % 1 - np.float32(0.5))) * 10 + np.float32(0.5), 0, 1) / np.float32(part)

    u, v = u / np.float32(period), v / np.float32(period)
    return light * np.stack([lit(u - np.float32((c - 1) / 3), 0.27) for c in range(3)], 2) * lit(v, 0.85)[..., None]


def recapture(face, kind, seed, size=(640, 480), period=None, border=None, blur=None, scale=None):
    rng = np.random.default_rng([seed, KINDS.index(kind)])
    width, height = size
    picture, head = portrait(face)
    high, wide = head.shape
    a_scale, a_period, a_blur, a_border = rng.uniform(0.8, 1.25) * height / 480, np.exp(rng.uniform(-0.7, 1.4)), rng.uniform(0, 1.5), rng.integers(2)
    scale, period, blur, border = (own if given is None else given for own, given in ((a_scale, scale), (a_period, period), (a_blur, blur), (a_border, border)))
    middle = np.float32([width, height]) / 2 + np.float32(rng.uniform(-0.04, 0.04, 2) * size)
    turn, tilt = rng.uniform(-0.1, 0.1), rng.uniform(-1.2e-4, 1.2e-4, 2).astype(np.float32)
    cos, sin, scale = np.float32(np.cos(turn)), np.float32(np.sin(turn)), np.float32(scale)
    back = room(rng, width, height)
    lamp = cv2.resize(rng.uniform(0.55, 1.0, (3, 3)).astype(np.float32), (width, height), interpolation=cv2.INTER_CUBIC)
    glare, glare_at = np.float32(rng.uniform(0, 0.35)), np.float32(rng.uniform(0.2, 0.8, 2) * size)
    edge = np.float32([rng.uniform(0.30, 0.48) * wide, rng.uniform(0.40, 0.49) * high]) * scale
    ground, black, wear = np.float32(rng.uniform(0.3, 0.95)), np.float32(rng.uniform(0.02, 0.09)), np.float32(rng.uniform(0.75, 1))

    def take(what, x, y):
        return cv2.remap(what, x, y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)

    def light(x, y, fine):
        """What comes from the scene at these places of the camera's picture."""
        far = 1 + tilt[0] * (x - middle[0]) + tilt[1] * (y - middle[1])
        u, v = (cos * (x - middle[0]) + sin * (y - middle[1])) / far, (cos * (y - middle[1]) - sin * (x - middle[0])) / far
        sx, sy = u / scale + np.float32(wide / 2), v / scale + np.float32(high / 2)
        seen, part, behind, bright = take(picture, sx, sy), take(head, sx, sy)[..., None], take(back, x, y), take(lamp, x, y)[..., None]
        if kind == "live":
            return (seen * part + behind * (1 - part)) * bright
        seen = seen * part + ground * (1 - part)                     # the portrait that is printed or shown
        grey = seen.mean(2, keepdims=True)
        if kind == "screen":
            seen = np.clip(grey + (seen - grey) * np.float32(1.1), 0, 1) ** np.float32(1.08)
            near = np.exp(-((x - glare_at[0]) ** 2 + (y - glare_at[1]) ** 2) / np.float32(2 * (width / 5) ** 2))[..., None]
            seen = (stripes(seen, u, v, period) if fine else seen) * np.float32(0.9) + black + glare * near
        else:
            seen = black + (np.float32(0.9) - black) * (grey + (seen - grey) * wear)
            seen = dots(seen, u, v, period, rng, kind == "inkjet", fine) * bright
        if border:
            off = np.maximum(np.abs(u) - edge[0], np.abs(v) - edge[1])[..., None]
            bezel = np.float32(0.06) * edge[0] if kind == "screen" else 0
            seen = np.where(off > bezel, behind * bright, np.where(off > 0, np.float32(0.015), seen) if bezel else seen)
            for finger in (-1, 0, 1):                                # held from below
                fx, fy = (u - finger * 32 * scale) / (12 * scale), (v - edge[1] - 14 * scale) / (34 * scale)
                seen = np.where((fx * fx + fy * fy < 1)[..., None], SKIN ** 2 * np.float32(0.4) * bright, seen)
        return seen

    def blurred(left, top, right, bottom, fine):
        y, x = np.mgrid[(top - RIM) * fine:(bottom + RIM) * fine, (left - RIM) * fine:(right + RIM) * fine].astype(np.float32)
        seen = light((x + np.float32(0.5)) / fine - np.float32(0.5), (y + np.float32(0.5)) / fine - np.float32(0.5), fine > 1)
        seen = cv2.GaussianBlur(seen, (0, 0), float(np.hypot(0.3, blur)) * fine)
        return cv2.resize(seen, None, fx=1 / fine, fy=1 / fine, interpolation=cv2.INTER_AREA)[RIM:-RIM, RIM:-RIM]

    out = blurred(0, 0, width, height, 1)
    if kind != "live":
        left, top = (int(at) - SPOT for at in middle)
        out[top:top + 2 * SPOT, left:left + 2 * SPOT] = blurred(left, top, left + 2 * SPOT, top + 2 * SPOT, 4 if period > 0.7 else 6)
    # The sensor: one colour a pixel, noise of light and of reading; then eight bits and JPEG.
    out = np.clip(out * np.float32(0.75), 0, 1)
    mosaic = out[..., 1].copy()
    mosaic[::2, ::2], mosaic[1::2, 1::2] = out[::2, ::2, 0], out[1::2, 1::2, 2]
    mosaic += rng.normal(0, rng.uniform(0.4, 1.6), mosaic.shape) * np.sqrt(mosaic * 1.2e-4 + 2.5e-6)
    bgr = cv2.cvtColor((np.clip(mosaic, 0, 1) * 65535).astype(np.uint16), cv2.COLOR_BayerBG2BGR)    # red in the first pixel
    shown = np.uint8(np.round((bgr / 65535) ** (1 / 2.2) * 255))
    return cv2.imdecode(cv2.imencode(".jpg", shown, [cv2.IMWRITE_JPEG_QUALITY, int(rng.integers(80, 91))])[1], 1)


def main():
    """recapture.py FACES OUT PEOPLE: pictures of each kind of so many people (ORL, picture 1), as OUT/KIND-PERSON.png (what a JPEG of the camera was)."""
    faces, out, people = pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2]), int(sys.argv[3])
    cv2.setNumThreads(1)
    for person in range(1, people + 1):
        face = cv2.imread(str(faces / f"s{person}-1.pgm"), cv2.IMREAD_GRAYSCALE)
        for kind in KINDS:
            cv2.imwrite(str(out / f"{kind}-{person}.png"), recapture(face, kind, person))


if __name__ == "__main__":
    main()
