"""The doctor's screen by keyboard: a finding is mended with what a person types, and the outcome is told."""

import pytest

pytestmark = pytest.mark.browser


def test_each_step_says_by_shape_and_word_how_it_stands(oms, visit):
    page = visit(oms, "admin", "admin-demo")
    page.goto(f"{oms}/settings/doctor/")
    headings = page.locator("section.panel > header > h2").all_inner_texts()
    assert [text.split(".")[0] for text in headings[:5]] == ["1", "2", "3", "4", "5"]
    assert page.locator("#step-2 ~ .state").first.inner_text() == "Not good"
    assert page.locator("#step-5 ~ .state").first.inner_text() == "Good"
    assert "12 ms" in page.inner_text("section[aria-labelledby=step-2]")
    assert "Can't be told" in page.inner_text("section[aria-labelledby=step-4]")
    assert page.locator("input[type=password]").count() == 2


def test_the_home_screen_leads_here_while_something_is_open(oms, visit):
    page = visit(oms, "admin", "admin-demo")
    page.goto(f"{oms}/")
    with page.expect_navigation():
        page.click("text=The integration has")
    assert page.inner_text("h1") == "Integration doctor"


def test_a_finding_is_mended_by_keyboard(oms, visit):
    page = visit(oms, "admin", "admin-demo")
    page.goto(f"{oms}/settings/doctor/")
    page.focus('input[id="endpoint.cities-seller_center_token"]')
    page.keyboard.type("a-token")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.getAttribute('aria-label')") == "Mend: endpoint.cities"
    with page.expect_navigation():
        page.keyboard.press("Enter")
    page.wait_for_selector(".notice")
    # This installation was never set up, so there is no such entry: the sheet shows what is seen now instead.
    assert "That is mended already." in page.inner_text("body")
