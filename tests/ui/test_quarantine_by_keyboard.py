"""An order that has another number here: what would happen is read before it is said, without a mouse."""

import pytest

from tests.ui.test_every_screen import serious

pytestmark = pytest.mark.browser


@pytest.mark.parametrize(
    ("language", "sentence", "told"),
    [
        ("en", "The order is A240003 here, and comes as B290005.", "It still cannot be taken"),
        ("tr", "Sipariş burada A240003 numaralı, gelen ise B290005 numaralı.", "Hâlâ alınamıyor"),
    ],
)
def test_the_two_numbers_are_read_and_the_order_is_offered_by_keys(oms, visit, language, sentence, told):
    page = visit(oms, "admin", "admin-demo", language=language)
    page.goto(f"{oms}/quarantine/6/")
    form = page.locator("form[action$='/quarantine/6/rename/']")
    assert not form.is_visible()
    page.locator("summary:has(+ .sheet form[action$='/rename/'])").focus()
    page.keyboard.press("Enter")
    form.wait_for(state="visible")
    assert sentence in form.inner_text()
    assert serious(page) == []
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.form.action").endswith("/quarantine/6/rename/")
    with page.expect_navigation():
        page.keyboard.press("Enter")
    page.wait_for_selector(f"text={told}")
    assert page.errors == []
