"""Sheets of text lines, tables and one barcode. Millimetres; the origin is the upper left corner.

The font is Bitstream Vera, which comes with ReportLab and may be embedded (its licence lies beside it there).
"""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any

FONT = "Vera"
BOLD = "VeraBd"
MARGIN = 5.0
BAR_HEIGHT = 18.0
DOTS_PER_MM = 8
QUIET = 10
"""Empty modules on both sides of a barcode (Code 128)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """One page: a heading, lines of text, a table whose first row names the columns, and a Code 128 barcode.

    `widths` are the shares of the table's columns. A character that the font lacks is printed as a question mark.
    """

    heading: str
    lines: tuple[str, ...] = ()
    barcode: str | None = None
    table: tuple[tuple[str, ...], ...] = ()
    widths: tuple[float, ...] = field(default=())


def _font_file(name: str) -> str:
    import reportlab

    return str(Path(reportlab.__file__).parent / "fonts" / f"{name}.ttf")


@lru_cache(maxsize=1)
def _registered() -> frozenset[int]:
    from reportlab.pdfbase import pdfmetrics
    from reportlab.pdfbase.ttfonts import TTFont

    for name in (FONT, BOLD):
        pdfmetrics.registerFont(TTFont(name, _font_file(name)))
    return frozenset(pdfmetrics.getFont(FONT).face.charToGlyph)


def printable(text: str) -> str:
    """The text as the font can print it, on one line."""
    known = _registered()
    return "".join(letter if ord(letter) in known else "?" for letter in " ".join(text.split()))


def bars(value: str) -> list[tuple[bool, int]]:
    """The barcode as (black, modules) from left to right. Raises `ValueError` for what Code 128 can't hold."""
    from reportlab.graphics.barcode.code128 import Code128

    code = Code128(value)
    code.validate()
    if not code.valid:
        raise ValueError("Code 128 holds ASCII only.")
    code.encode()
    code.decompose()
    return [(letter.isupper(), ord(letter.lower()) - ord("a") + 1) for letter in code.decomposed]


def _cut(text: str, font: str, size: float, width: float) -> Iterator[str]:
    """The text in pieces no wider than `width` points, broken at blanks where there are any."""
    from reportlab.pdfbase.pdfmetrics import stringWidth

    piece = ""
    for word in printable(text).split(" "):
        longer = f"{piece} {word}".strip()
        if stringWidth(longer, font, size) <= width:
            piece = longer
            continue
        if piece:
            yield piece
        while stringWidth(word, font, size) > width:
            fits = max(
                n for n in range(1, len(word) + 1) if n == 1 or stringWidth(word[:n], font, size) <= width
            )
            yield word[:fits]
            word = word[fits:]
        piece = word
    yield piece


class _Pen:
    """Writes downwards on pages of one size and begins another page when one is full."""

    def __init__(self, canvas: Any, width: float, height: float) -> None:
        self.canvas, self.width, self.height = canvas, width, height
        self.y = height - _mm(MARGIN)

    def room(self, needed: float) -> None:
        if self.y - needed < _mm(MARGIN):
            self.canvas.showPage()
            self.y = self.height - _mm(MARGIN)

    def write(self, text: str, *, font: str, size: float) -> None:
        for piece in _cut(text, font, size, self.width - 2 * _mm(MARGIN)):
            self.room(size * 1.3)
            self.y -= size * 1.3
            self.canvas.setFont(font, size)
            self.canvas.drawString(_mm(MARGIN), self.y, piece)

    def row(self, cells: Sequence[str], shares: Sequence[float], *, font: str, size: float) -> None:
        usable = self.width - 2 * _mm(MARGIN)
        widths = [usable * share / sum(shares) for share in shares]
        columns = [list(_cut(c, font, size, w - 4)) for c, w in zip(cells, widths, strict=True)]
        self.room(size * 1.3 * max(map(len, columns)) + 3)
        self.canvas.setFont(font, size)
        x = _mm(MARGIN)
        for column, width in zip(columns, widths, strict=True):
            for n, piece in enumerate(column, start=1):
                self.canvas.drawString(x, self.y - n * size * 1.3, piece)
            x += width
        self.y -= size * 1.3 * max(map(len, columns)) + 3
        self.canvas.line(_mm(MARGIN), self.y, self.width - _mm(MARGIN), self.y)

    def barcode(self, value: str) -> None:
        modules = bars(value)
        wide = (self.width - 2 * _mm(MARGIN)) / (sum(size for _, size in modules) + 2 * QUIET)
        wide = min(wide, _mm(0.5))
        self.room(_mm(BAR_HEIGHT) + 14)
        self.y -= _mm(BAR_HEIGHT) + 3
        x = _mm(MARGIN) + QUIET * wide
        for black, size in modules:
            if black:
                self.canvas.rect(x, self.y, size * wide, _mm(BAR_HEIGHT), stroke=0, fill=1)
            x += size * wide
        self.write(value, font=FONT, size=8)


def _mm(length: float) -> float:
    return length * 72 / 25.4


def pdf(sheets: Sequence[Sheet], *, width: float, height: float, text_size: float = 9.0) -> bytes:
    """The sheets as one PDF; each begins a page of `width` × `height` millimetres, long ones go on behind it.

    The same sheets give the same bytes.
    """
    from reportlab.pdfgen.canvas import Canvas

    _registered()
    file = io.BytesIO()
    canvas = Canvas(file, pagesize=(_mm(width), _mm(height)), invariant=1)
    for sheet in sheets:
        pen = _Pen(canvas, _mm(width), _mm(height))
        pen.write(sheet.heading, font=BOLD, size=text_size + 3)
        for line in sheet.lines:
            pen.write(line, font=FONT, size=text_size)
        if sheet.barcode:
            pen.barcode(sheet.barcode)
        for n, cells in enumerate(sheet.table):
            pen.row(cells, sheet.widths, font=FONT if n else BOLD, size=text_size - 1)
        canvas.showPage()
    canvas.save()
    return file.getvalue()


def png(sheet: Sheet, *, width: float, height: float, text_size: float = 9.0) -> bytes:
    """One sheet without a table as a black and white PNG of 203 dots per inch, what label printers take."""
    from PIL import Image, ImageDraw, ImageFont

    _registered()
    image = Image.new("1", (round(width * DOTS_PER_MM), round(height * DOTS_PER_MM)), 1)
    draw = ImageDraw.Draw(image)
    left, y = MARGIN * DOTS_PER_MM, MARGIN * DOTS_PER_MM
    room = _mm(width - 2 * MARGIN)
    for text, name, size in [
        (sheet.heading, BOLD, text_size + 3),
        *((t, FONT, text_size) for t in sheet.lines),
    ]:
        font = ImageFont.truetype(_font_file(name), round(size * 25.4 / 72 * DOTS_PER_MM))
        for piece in _cut(text, name, size, room):
            draw.text((left, y), piece, fill=0, font=font)
            y += size * 1.3 * 25.4 / 72 * DOTS_PER_MM
    if sheet.barcode:
        modules = bars(sheet.barcode)
        total = sum(size for _, size in modules) + 2 * QUIET
        wide = max(1, min(4, int((image.width - 2 * left) // total)))
        x = int(left) + QUIET * wide
        for black, size in modules:
            if black:
                draw.rectangle((x, y, x + size * wide - 1, y + BAR_HEIGHT * DOTS_PER_MM), fill=0)
            x += size * wide
        font = ImageFont.truetype(_font_file(FONT), round(8 * 25.4 / 72 * DOTS_PER_MM))
        draw.text((left, y + (BAR_HEIGHT + 1) * DOTS_PER_MM), printable(sheet.barcode), fill=0, font=font)
    file = io.BytesIO()
    image.save(file, "PNG", dpi=(203, 203))
    return file.getvalue()
