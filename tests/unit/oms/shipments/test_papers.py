from __future__ import annotations

from io import BytesIO

import pytest
from PIL import Image

from ambar.kit.paper.sheets import Sheet, bars, pdf, png, printable

TURKISH = "ğĞıİşŞçÇöÖüÜ"


def test_turkish_letters_are_printed_and_unknown_ones_marked():
    assert printable(f"{TURKISH} 漢") == f"{TURKISH} ?"


def test_a_barcode_begins_and_ends_with_a_bar_and_is_whole_symbols():
    modules = bars("TR123")
    assert modules[0][0] and modules[-1][0]
    assert (sum(size for _, size in modules) - 2) % 11 == 0
    with pytest.raises(ValueError):
        bars("ş")


def test_the_same_sheet_gives_the_same_bytes():
    sheet = Sheet(
        heading=TURKISH, barcode="TR1", table=(("SKU",), *((str(n),) for n in range(200))), widths=(1,)
    )
    assert pdf([sheet], width=210, height=297) == pdf([sheet], width=210, height=297)
    assert pdf([sheet], width=210, height=297).count(b"/Type /Page\n") > 1


def test_the_bars_of_the_image_are_those_of_the_code():
    image = Image.open(BytesIO(png(Sheet(heading="", barcode="TR123"), width=100, height=60)))
    row = next(
        y for y in range(image.height) if sum(image.getpixel((x, y)) == 0 for x in range(image.width)) > 80
    )
    line = [image.getpixel((x, row + 20)) == 0 for x in range(image.width)]
    first = line.index(True)
    last = len(line) - line[::-1].index(True)
    wide = (last - first) // sum(size for _, size in bars("TR123"))
    assert line[first:last] == [black for black, size in bars("TR123") for _ in range(size * wide)]
