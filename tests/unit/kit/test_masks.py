"""Addresses as others see them: values of the query masked, names kept; and back."""

import pytest

from ambar.kit.masks import Masked, masked_address, unmasked_address

STORED = "https://brand.example/in/?token=a-long-canary-1234&shop=5&flag&empty=&token=a-long-canary-5678#a-fragment-90"
MASKED = "https://brand.example/in/?token=****1234&shop=****&****&empty=&token=****5678#****t-90"


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        (STORED, MASKED),
        ("https://brand.example/in/", "https://brand.example/in/"),
        ("https://brand.example/in/?", "https://brand.example/in/?"),
        ("https://brand.example/in?api_key=short", "https://brand.example/in?api_key=****"),
        ("https://brand.example/?signature=%C5%9Fifre%20of%20mine", "https://brand.example/?signature=****mine"),
        ("https://brand.example/?a=b=c?d;secret=e", "https://brand.example/?a=****et=e"),
        ("https://brand.example/?just-a-canary-0000", "https://brand.example/?****0000"),
    ],
)  # fmt: skip
def test_values_of_the_query_are_masked_and_names_are_kept(url, shown):
    assert masked_address(url) == shown


def test_a_masked_value_stands_for_the_stored_one_of_its_name():
    assert unmasked_address(MASKED, STORED) == STORED
    assert unmasked_address(STORED, "") == STORED
    moved = "https://brand.example/other/?shop=6&token=****5678&new=x"
    assert unmasked_address(moved, STORED) == (
        "https://brand.example/other/?shop=6&token=a-long-canary-5678&new=x"
    )


@pytest.mark.parametrize(
    ("given", "name"),
    [
        ("https://brand.example/in/?token=****9999", "token"),
        ("https://brand.example/in/?key=****1234", "key"),
        ("https://brand.example/in/?token=****1234&token=****1234", "token"),
        ("https://brand.example/in/#****", "#"),
    ],
)
def test_a_mask_that_stands_for_nothing_is_refused_by_name(given, name):
    with pytest.raises(Masked, match=f"^{name}$"):
        unmasked_address(given, STORED)
    with pytest.raises(Masked):
        unmasked_address(given, "")
