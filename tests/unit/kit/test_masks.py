"""Addresses as others see them: secrets in the path and values of the query masked, names kept; and back."""

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


@pytest.mark.parametrize(
    ("path", "shown"),
    [
        ("/services/T024BE7LD/B01234567/XXXXXXXXXXXXXXXXXXXXXXXX", "/services/****/****/****XXXX"),
        ("/api/webhooks/984723482374923847/aBcD-efGh_1234ijklMNop", "/api/webhooks/****3847/****MNop"),
        ("/bot123456:ABC-DEF1234ghIkl/sendMessage", "/****hIkl/sendMessage"),
        ("/hook/550e8400-e29b-41d4-a716-446655440000/", "/hook/****0000/"),
        ("/hooks/catch/1234567/3xk9zq/", "/hooks/catch/1234567/****/"),
        ("/in/kWzQpLmNbVtRsXyZ", "/in/****sXyZ"),
        ("/in/abcdefghijklmnopqrstuvwxyz", "/in/****wxyz"),
        ("/in;jsessionid=a-long-canary-1234/x", "/****1234/x"),
        ("/in/%73ecret", "/in/****"),
    ],
)  # fmt: skip
def test_parts_of_the_path_that_do_not_read_as_words_are_masked(path, shown):
    assert masked_address(f"https://brand.example{path}") == f"https://brand.example{shown}"


@pytest.mark.parametrize(
    "path",
    [
        "", "/", "//", "/api/v1/applications/oms/packages/update-status/", "/api/v1/oms/cancellation_plan/",
        "/api/i2/ready_for_customer_pickup.json", "/shops/1048576/PackageUpdates/2026-01-15/", "/ORDERS/~ambar/", "/sipariş/",
    ],
)  # fmt: skip
def test_words_and_numbers_of_the_path_are_shown(path):
    assert masked_address(f"https://brand.example:8443{path}") == f"https://brand.example:8443{path}"


def test_a_masked_part_of_the_path_stands_for_the_stored_one_wherever_it_is_moved():
    stored = "https://brand.example/hook/canary-7f3a9c-1234/3xk9zq/?token=a-long-canary-1234"
    shown = "https://brand.example/hook/****1234/****/?token=****1234"
    assert masked_address(stored) == shown
    assert unmasked_address(shown, stored) == stored
    moved = "https://brand.example/v2/****/to/****1234"
    assert unmasked_address(moved, stored) == "https://brand.example/v2/3xk9zq/to/canary-7f3a9c-1234"
    for given, name in (("/hook/****9999/", "9999"), ("/****1234/****1234", "1234")):
        with pytest.raises(Masked, match=f"{name}$"):
            unmasked_address(f"https://brand.example{given}", stored)
    with pytest.raises(Masked):
        unmasked_address(shown, "")


def test_long_separators_are_read_in_no_time():
    """A pattern that tried every way to cut them would never come back."""
    assert masked_address("https://brand.example/" + "-" * 230 + "!") == "https://brand.example/****---!"
