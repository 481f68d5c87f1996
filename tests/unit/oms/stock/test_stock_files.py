"""CSV files as spreadsheets and ERPs export them."""

import pytest

from ambar.kit.refusals import Invalid
from ambar.oms.stock.domain.csv_file import read_csv


def rows(text, encoding="utf-8"):
    return [(line.line, line.row or None, line.wrong) for line in read_csv(text.encode(encoding))]


def test_comma_or_semicolon_any_column_order_byte_order_mark_and_windows_line_ends():
    expected = [
        (2, {"erp_code": "W1", "sku": "A,1", "quantity": "5"}, None),
        (4, {"erp_code": "W1", "sku": "B", "quantity": "1.5", "unit_type": "kg"}, None),
    ]
    assert rows('\ufeffSKU,Quantity,erp_code,unit\r\n"A,1",5,W1,\r\n\r\nB,1.5,W1,kg\r\n') == expected
    assert rows("erp_code;sku;quantity;unit_type\nW1;A,1;5;\n;;;\nW1; B ;1.5;kg") == expected


def test_a_quoted_line_end_counts_in_line_numbers():
    assert [line for line, _, _ in rows('erp_code,sku,quantity\nW1,"A\nA",1\nW1,B,1\n')] == [2, 4]


def test_a_decimal_comma_and_a_row_of_another_shape_are_errors_of_their_row():
    assert rows('erp_code;sku;quantity\nW1;A;1,5\nW1;A\n"W1";"B";2') == [
        (2, {"erp_code": "W1", "sku": "A", "quantity": "1,5"},
         ("quantity", "Write decimals with a point (1.5), no thousands mark.")),
        (3, None, ("row", "2 cells, the header names 3.")),
        (4, {"erp_code": "W1", "sku": "B", "quantity": "2"}, None),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "The file is empty; the first line names the columns."),
        (b"erp_code,sku\n", "Column quantity is missing."),
        (b"erp_code,sku,quantity,colour\n", "Unknown column 'colour'; known are erp_code, sku, quantity, unit, unit_type."),
        (b"erp_code,sku,quantity,unit,unit_type\n", "A column is named twice."),
        (b"erp_code,sku,quantity\nW1,\xfe,1\n", "Line 2 is not UTF-8."),
        (b"erp_code,sku,quantity\nW1,\x00,1\n", "The file holds zero bytes; it is no CSV file."),
        (b'erp_code,sku,quantity\nW1,"A,1\n', "Not CSV: unexpected end of data."),
    ],
)  # fmt: skip
def test_a_file_that_cannot_be_read_as_a_whole_is_refused_saying_why(content, message):
    with pytest.raises(Invalid) as refused:
        read_csv(content)
    assert refused.value.fields == {"file": [message]}
