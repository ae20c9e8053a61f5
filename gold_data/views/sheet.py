"""A sheet to draw on, the same whatever a matplotlibrc says, and its bytes as a PNG, the same whenever asked for."""

from __future__ import annotations

from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from typing import Any

import matplotlib.style
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from PIL import Image

from gold_data.errors import OutputError

DOTS_PER_INCH = 200
PAGE_DOTS_PER_INCH = 120
"""For a picture among others on a page, where it is to be small."""
STYLE: list[str | dict[str, Any] | Path] = [
    "default",
    {
        "font.family": "DejaVu Sans",
        "font.size": 8.5,
        "axes.titlesize": 8.5,
        "legend.fontsize": 8.0,
        "hatch.linewidth": 0.6,
    },
]


def drawn(inches: tuple[float, float], draw: Callable[[Figure], None]) -> Figure:
    """Draw on an empty sheet, width and height in inches, in the pictures' own style."""
    with matplotlib.style.context(STYLE):
        picture = Figure(figsize=inches)
        FigureCanvasAgg(picture)
        draw(picture)
    return picture


def write_words(picture: Figure, texts: list[tuple[float, float, str, float, dict[str, Any]]]) -> None:
    """Write lines: x and y in shares of the sheet (y of the line's top), words, size in points, and how they look."""
    for x, y, words, size, look in texts:
        picture.text(x, y, words, size=size, va="top", parse_math=False, **look)


def png(picture: Figure, dots_per_inch: int = DOTS_PER_INCH) -> bytes:
    """Give a sheet as a PNG in true colours."""
    content = BytesIO()
    with matplotlib.style.context(STYLE):
        # By default the version of matplotlib is written into the file.
        picture.savefig(content, format="png", dpi=dots_per_inch, metadata={"Software": None})
    return content.getvalue()


def small_png(picture: Figure) -> bytes:
    """Give a sheet as a PNG of 256 colours for a page: a third of the bytes."""
    content = BytesIO()
    with Image.open(BytesIO(png(picture, PAGE_DOTS_PER_INCH))) as whole:
        # Of Pillow's ways the one that keeps small areas' colours; one round of k-means keeps the pale ones apart too.
        few = whole.convert("RGB").quantize(256, Image.Quantize.MAXCOVERAGE, kmeans=1, dither=Image.Dither.NONE)
        few.save(content, format="png", optimize=True)
    return content.getvalue()


def check_png_path(to: Path) -> None:
    """Raise OutputError unless `to` ends in .png and its folder is there."""
    if to.suffix.lower() != ".png":
        raise OutputError(f"{to}: only PNG is written; name a file that ends in .png")
    check_folder(to)


def check_folder(to: Path) -> None:
    """Raise OutputError unless the folder of a file to be written is there."""
    if not to.parent.is_dir():
        raise OutputError(f"{to}: there is no folder {to.parent}; make it or name another file")
