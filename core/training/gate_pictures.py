"""Pictures that an input gate learns to tell apart: chests turned, inverted, mirrored, cut, on a screen; and no chests.

All functions take and return gray pictures, (rows, columns) uint8, of any size, before they become the network's input.
What is drawn at random comes from the generator given, so that a seed repeats it.
"""

from collections.abc import Callable, Mapping
from types import MappingProxyType

import cv2
import numpy as np
import PIL.Image
import PIL.ImageDraw
import PIL.ImageFont
from numpy.typing import NDArray

from core.reading.model_card import Answer

Gray = NDArray[np.uint8]
Change = Callable[[Gray, np.random.Generator], Gray]
WORDS = (
    "patient", "report", "the", "of", "and", "chest", "findings", "history", "no", "page", "date", "ward", "review",
    "left", "right", "heart", "lungs", "clear", "figure", "table", "method", "results", "value", "mean", "total",
    "open", "save", "print", "window", "level", "zoom", "series", "image", "512", "0.84", "12", "7",
)


def varied(picture: Gray, rng: np.random.Generator) -> Gray:
    """Return the chest as another clinic may have it: tone, sharpness, slight turn and cut, borders, letters."""
    out = picture
    if rng.random() < 0.5:
        out = _tilted(out, rng.uniform(-9, 9), rng)
    if rng.random() < 0.5:
        out = _cut(out, *(rng.uniform(0, 0.07) for _ in range(4)))
    if rng.random() < 0.5:
        out = _resampled(out, rng.uniform(0.35, 1))
    if rng.random() < 0.6:
        out = _toned(out, rng)
    if rng.random() < 0.25:
        out = _bordered(out, rng)
    if rng.random() < 0.3:
        out = _lettered(out, rng)
    if rng.random() < 0.2:
        noise = rng.normal(0, rng.uniform(2, 10), out.shape)
        out = np.clip(out + noise, 0, 255).astype(np.uint8)
    return out


def inverted(picture: Gray, _rng: np.random.Generator) -> Gray:
    """Return the picture with its gray reversed."""
    return 255 - picture


def mirrored(picture: Gray, _rng: np.random.Generator) -> Gray:
    """Return the picture with left and right exchanged."""
    return np.ascontiguousarray(picture[:, ::-1])


def turned_left(picture: Gray, _rng: np.random.Generator) -> Gray:
    """Return the picture turned by 90° counterclockwise."""
    return np.ascontiguousarray(np.rot90(picture))


def turned_right(picture: Gray, _rng: np.random.Generator) -> Gray:
    """Return the picture turned by 90° clockwise."""
    return np.ascontiguousarray(np.rot90(picture, -1))


def upside_down(picture: Gray, _rng: np.random.Generator) -> Gray:
    """Return the picture turned by 180°."""
    return np.ascontiguousarray(np.rot90(picture, 2))


def one_lung(picture: Gray, rng: np.random.Generator) -> Gray:
    """Return one half of a chest: a strip of 38 to 52 % of the width at either side, at least 60 % of the height."""
    width = rng.uniform(0.38, 0.52)
    margin = rng.uniform(0, 0.08)
    left, right = (margin, 1 - width - margin) if rng.random() < 0.5 else (1 - width - margin, margin)
    top = rng.uniform(0, 0.25)
    return _cut(picture, left, right, top, rng.uniform(0, 0.4 - top))


def detail(picture: Gray, rng: np.random.Generator) -> Gray:
    """Return a piece of a chest, 25 to 50 % of both sides, anywhere: a corner, an apex, the spine, a base."""
    width, height = rng.uniform(0.25, 0.5, 2)
    left, top = rng.uniform(0, 1 - width), rng.uniform(0, 1 - height)
    return _cut(picture, left, 1 - width - left, top, 1 - height - top)


def screenshot(picture: Gray, rng: np.random.Generator) -> Gray:
    """Return the chest within a program's window: bars, buttons, words around it; it fills less than half of it."""
    columns, rows = int(rng.integers(400, 640)), int(rng.integers(300, 480))
    canvas = np.full((rows, columns), int(rng.choice((20, 45, 60, 200, 240, 255))), np.uint8)
    ink = 230 if canvas[0, 0] < 128 else 30
    side = rng.uniform(0.4, 0.65)
    height, width = int(rows * side), int(columns * side)
    scale = min(height / picture.shape[0], width / picture.shape[1])
    small = cv2.resize(picture, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    for _ in range(1 if rng.random() < 0.6 else 2):
        left = int(rng.integers(0, columns - small.shape[1] + 1))
        top = int(rng.integers(0, rows - small.shape[0] + 1))
        canvas[top:top + small.shape[0], left:left + small.shape[1]] = small
    cv2.rectangle(canvas, (0, 0), (columns, int(rng.integers(12, 40))), int(rng.integers(0, 256)), -1)
    for _ in range(int(rng.integers(3, 14))):
        x, y = int(rng.integers(columns - 60)), int(rng.integers(rows - 14))
        if rng.random() < 0.4:
            cv2.rectangle(canvas, (x, y), (x + int(rng.integers(15, 60)), y + 12), int(rng.integers(0, 256)), -1)
        _write(canvas, " ".join(rng.choice(WORDS, 2)), (x, y + 10), ink, rng.uniform(0.3, 0.5))
    return canvas


def inverted_and_turned(picture: Gray, rng: np.random.Generator) -> Gray:
    """Return the picture with its gray reversed and turned by 90° or 180°; inverted back, it is told to be turned."""
    return 255 - np.ascontiguousarray(np.rot90(picture, int(rng.integers(1, 4))))


def any_way(picture: Gray, rng: np.random.Generator) -> Gray:
    """Return what is no chest in any orientation and tone, so that these do not tell it."""
    out = np.rot90(picture, int(rng.integers(4))) if rng.random() < 0.5 else picture
    out = out[:, ::-1] if rng.random() < 0.5 else out
    out = 255 - out if rng.random() < 0.25 else out
    out = np.ascontiguousarray(out)
    return _toned(out, rng) if rng.random() < 0.5 else out


def lateral_way(picture: Gray, rng: np.random.Generator) -> Gray:
    """Return a lateral chest as another clinic may have it, facing either way."""
    return varied(mirrored(picture, rng) if rng.random() < 0.5 else picture, rng)


def noise(rng: np.random.Generator) -> Gray:
    """Return a picture of noise: white or smooth, coarse or fine, with or without a gradient."""
    side = int(rng.integers(224, 400))
    cells = int(rng.choice((4, 8, 16, 32, 64, side)))
    small = rng.normal(0, 1, (cells, cells)).astype(np.float32)
    out = cv2.resize(small, (side, side), interpolation=int(rng.choice((cv2.INTER_CUBIC, cv2.INTER_NEAREST))))
    out += rng.normal(0, rng.choice((0.0, 0.2, 1.0)), out.shape)
    y, x = np.mgrid[0:side, 0:side] / side
    out = out * rng.uniform(0.2, 1) + rng.uniform(-3, 3) * x + rng.uniform(-3, 3) * y
    return _stretched(out)


def text_page(rng: np.random.Generator) -> Gray:
    """Return a page of text: dark on bright or bright on dark, one or two columns, now and then with a table."""
    columns, rows = int(rng.integers(400, 700)), int(rng.integers(500, 800))
    page = PIL.Image.new("L", (columns, rows), 255)
    draw = PIL.ImageDraw.Draw(page)
    font = PIL.ImageFont.load_default(int(rng.integers(9, 26)))
    line, y = int(rng.integers(14, 40)), int(rng.integers(10, 60))
    halves = int(rng.integers(1, 3))
    while y < rows - 20:
        for half in range(halves):
            count = int(rng.integers(1, 14 // halves))
            if rng.random() < 0.85:
                start = 20 + half * columns // halves
                words = " ".join(rng.choice(WORDS, count))
                draw.text((start, y), words, fill=int(rng.integers(0, 90)), font=font)
        if rng.random() < 0.08:
            draw.line((20, y, columns - 20, y), fill=0)
        y += line
    out = np.asarray(page)
    return 255 - out if rng.random() < 0.3 else out.copy()


def shapes(rng: np.random.Generator) -> Gray:
    """Return a drawing of random ellipses, boxes and lines, sharp or blurred."""
    side = int(rng.integers(224, 400))
    out = np.full((side, side), int(rng.integers(256)), np.uint8)
    for _ in range(int(rng.integers(2, 16))):
        gray, center = int(rng.integers(256)), tuple(int(value) for value in rng.integers(0, side, 2))
        size = tuple(int(value) for value in rng.integers(5, side // 2, 2))
        kind = rng.integers(3)
        if kind == 0:
            cv2.ellipse(out, center, size, float(rng.uniform(0, 180)), 0, 360, gray, -1)
        elif kind == 1:
            cv2.rectangle(out, center, (center[0] + size[0], center[1] + size[1]), gray, -1)
        else:
            cv2.line(out, center, size, gray, int(rng.integers(1, 20)))
    return np.asarray(cv2.GaussianBlur(out, (0, 0), rng.uniform(1, 12))) if rng.random() < 0.5 else out


MADE: Mapping[str, Callable[[np.random.Generator], Gray]] = MappingProxyType(
    {"noise": noise, "text page": text_page, "drawn shapes": shapes}
)
INVERTED_AND_TURNED = "inverted and turned"
# what is made of a frontal chest, and what the gate should answer
MADE_OF_CHESTS: Mapping[str, tuple[Change, Answer]] = MappingProxyType({
    "inverted": (inverted, Answer.INVERTED),
    "turned left": (turned_left, Answer.TURNED_LEFT),
    "turned right": (turned_right, Answer.TURNED_RIGHT),
    "upside down": (upside_down, Answer.UPSIDE_DOWN),
    "mirrored": (mirrored, Answer.MIRRORED),
    "one lung": (one_lung, Answer.PART),
    "piece of a chest": (detail, Answer.PART),
    "screenshot": (screenshot, Answer.PART),
    INVERTED_AND_TURNED: (inverted_and_turned, Answer.INVERTED),
})


def _cut(picture: Gray, left: float, right: float, top: float, bottom: float) -> Gray:
    """Return the picture without these parts of its sides."""
    rows, columns = picture.shape
    y = slice(round(rows * top), round(rows * (1 - bottom)))
    x = slice(round(columns * left), round(columns * (1 - right)))
    return np.ascontiguousarray(picture[y, x])


def _tilted(picture: Gray, degrees: float, rng: np.random.Generator) -> Gray:
    rows, columns = picture.shape
    matrix = cv2.getRotationMatrix2D((columns / 2, rows / 2), degrees, rng.uniform(0.95, 1.12))
    return np.asarray(cv2.warpAffine(picture, matrix, (columns, rows)))


def _resampled(picture: Gray, part: float) -> Gray:
    rows, columns = picture.shape
    size = max(8, round(columns * part)), max(8, round(rows * part))
    small = cv2.resize(picture, size, interpolation=cv2.INTER_AREA)
    return np.asarray(cv2.resize(small, (columns, rows), interpolation=cv2.INTER_LINEAR))


def _toned(picture: Gray, rng: np.random.Generator) -> Gray:
    """Return the picture with another gamma, contrast and brightness."""
    x = np.arange(256) / 255
    curve = x ** np.exp(rng.uniform(-0.6, 0.6))
    curve = (curve - 0.5) * rng.uniform(0.6, 1.4) + 0.5 + rng.uniform(-0.12, 0.12)
    table = np.clip(np.rint(curve * 255), 0, 255).astype(np.uint8)
    return np.asarray(table[picture])


def _bordered(picture: Gray, rng: np.random.Generator) -> Gray:
    rows, columns = picture.shape
    top, bottom, left, right = (
        int(rng.uniform(0, 0.14) * side) * int(rng.random() < 0.6) for side in (rows, rows, columns, columns)
    )
    gray = int(rng.choice((0, 0, 0, 20, 255)))
    return np.asarray(cv2.copyMakeBorder(picture, top, bottom, left, right, cv2.BORDER_CONSTANT, value=gray))


def _lettered(picture: Gray, rng: np.random.Generator) -> Gray:
    """Return the picture with a few burnt-in letters, arrows or a caption."""
    out = picture.copy()
    rows, columns = out.shape
    scale = rows / 400
    for _ in range(int(rng.integers(1, 5))):
        gray, x, y = int(rng.choice((0, 255, 255))), int(rng.integers(columns)), int(rng.integers(rows))
        kind = rng.integers(3)
        if kind == 0:
            cv2.arrowedLine(out, (x, y), (x + int(rng.integers(-40, 40)), y + int(rng.integers(-40, 40))), gray, 2)
        else:
            words = str(rng.choice(("R", "L", "A", "B", "AP", "Day 9", "SUPINE", "portable 10:42")))
            _write(out, words, (x, y), gray, scale * rng.uniform(0.4, 1.5))
    return out


def _write(picture: Gray, words: str, corner: tuple[int, int], gray: int, scale: float) -> None:
    cv2.putText(picture, words, corner, cv2.FONT_HERSHEY_SIMPLEX, float(scale), gray, 1, cv2.LINE_AA)


def _stretched(values: NDArray[np.floating]) -> Gray:
    low, high = float(values.min()), float(values.max())
    return np.asarray(np.rint((values - low) / max(high - low, 1e-6) * 255), np.uint8)
