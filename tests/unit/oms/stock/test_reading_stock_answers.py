"""What a stock service may answer, and what is no answer."""

from decimal import Decimal

import pytest

from ambar.oms.stock.domain.answers import NoAnswer, read_multiple, read_single


def test_figures_per_sku_and_location():
    body = b'{"A": [{"stock_location": "W1", "stock": 5}, {"stock_location": "W2", "stock": "2.5"}], "B": []}'
    figures = {"A": {"W1": Decimal(5), "W2": Decimal("2.5")}, "B": {}}
    assert read_multiple(body, ["A", "B"]) == (figures, {})


def test_a_sku_that_a_good_answer_does_not_name_is_unknown_and_one_nobody_asked_for_is_passed_by():
    assert read_multiple(b'{"A": [], "C": 5}', ["A", "B"]) == (
        {"A": {}},
        {"B": "B: the answer does not name it"},
    )


def test_one_sku_told_wrongly_does_not_spoil_the_others_of_the_same_answer():
    body = b'{"A": [{"stock_location": "W1", "stock": 5}], "B": [{"stock_location": "W1", "stock": -4}]}'
    assert read_multiple(body, ["A", "B"]) == (
        {"A": {"W1": Decimal(5)}},
        {"B": "B at W1: stock is below zero"},
    )


@pytest.mark.parametrize("body", [b"{}", b'{"error": "busy"}', b'{"C": []}'])
def test_an_answer_that_names_no_sku_asked_for_is_no_answer_and_not_a_zero(body):
    with pytest.raises(NoAnswer) as no:
        read_multiple(body, ["A", "B"])
    assert no.value.reason == "the answer names none of the SKUs asked for"


def test_more_than_three_decimals_are_cut():
    body = b'[{"stock_location": "W1", "stock": 0}, {"stock_location": "W2", "stock": 1.23456}]'
    assert read_single(body, "A") == {"W1": Decimal(0), "W2": Decimal("1.234")}


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"<html>", "the answer is not JSON"),
        (b"", "the answer is not JSON"),
        (b'{"A": NaN}', "the answer is not JSON"),
        (b"[" * 100_000, "the answer is not JSON"),
        (b"null", "A: not a list of locations"),
        (b'{"A": []}', "A: not a list of locations"),
        (b"[5]", "A: row 0 names no stock_location"),
        (b'[{"stock": 5}]', "A: row 0 names no stock_location"),
        (b'[{"stock_location": "", "stock": 5}]', "A: row 0 names no stock_location"),
        (b'[{"stock_location": "W1"}]', "A at W1: stock is not a number"),
        (b'[{"stock_location": "W1", "stock": null}]', "A at W1: stock is not a number"),
        (b'[{"stock_location": "W1", "stock": true}]', "A at W1: stock is not a number"),
        (b'[{"stock_location": "W1", "stock": -1}]', "A at W1: stock is below zero"),
        (b'[{"stock_location": "W1", "stock": "-0.5"}]', "A at W1: stock is below zero"),
        (b'[{"stock_location": "W1", "stock": "many"}]', "A at W1: stock is not a number"),
        (b'[{"stock_location": "W1", "stock": "Infinity"}]', "A at W1: stock is not a sensible number"),
        (b'[{"stock_location": "W1", "stock": 1e300}]', "A at W1: stock is not a sensible number"),
        (
            b'[{"stock_location": "W1", "stock": 1}, {"stock_location": "W1", "stock": 1}]',
            "A: W1 is named twice",
        ),
    ],
)
def test_a_wrong_shape_is_no_answer_and_says_why(body, reason):
    with pytest.raises(NoAnswer) as no:
        read_single(body, "A")
    assert no.value.reason == reason


def test_a_list_is_no_answer_to_many_skus():
    with pytest.raises(NoAnswer) as no:
        read_multiple(b"[]", ["A"])
    assert no.value.reason == "the answer is not an object of SKUs"
