"""A person with a scanner and a keyboard: from the list to a packed package; many at once."""

import pytest
from playwright.sync_api import expect

pytestmark = pytest.mark.browser


def test_a_package_is_scanned_item_by_item_and_packed_without_a_mouse(oms, visit):
    page = visit(oms, "kadikoy", "kadikoy-demo")
    page.goto(f"{oms}/picking/")
    number = page.locator("tbody tr").last.locator("td a").inner_text()
    page.keyboard.type(number)
    with page.expect_navigation():
        page.keyboard.press("Enter")
    page.wait_for_selector(f"h1:has-text('{number}')")
    barcodes = page.locator(".panel:has(h2:text-is('Items')) tbody tr").evaluate_all(
        "rows => rows.map(row => [row.cells[2].innerText.trim(), Number(row.cells[3].innerText)])"
    )
    assert barcodes
    for barcode, quantity in barcodes:
        for _ in range(quantity):
            page.wait_for_function("document.activeElement && document.activeElement.name === 'code'")
            with page.expect_navigation():
                page.keyboard.type(barcode)
                page.keyboard.press("Enter")
    page.wait_for_selector("text=All items are scanned.")
    page.wait_for_function("document.activeElement && document.activeElement.name === 'slug'")
    with page.expect_navigation():
        page.keyboard.press("Enter")
    assert page.locator("h1 .state").inner_text() == "Packed"
    assert page.errors == []


def test_rows_are_ticked_and_the_pick_list_reached_by_keys(oms, visit):
    page = visit(oms, "admin", "admin-demo")
    page.goto(f"{oms}/picking/?tab=preparing")
    page.locator("h1").click()
    for key in ("ArrowDown", "x", "ArrowDown", "x", "b"):
        page.keyboard.press(key)
    assert page.inner_text(".selection [data-chosen]") == "2"
    assert page.evaluate("document.activeElement.name") == "slug"
    with page.context.expect_page() as opened:
        page.locator(".selection button[value=picks]").focus()
        page.keyboard.press("Enter")
    opened.value.close()
    expect(page.locator(".selection button[value=picks]")).to_be_enabled()


def test_many_packages_are_refused_with_a_reason_that_is_asked_once(oms, visit):
    page = visit(oms, "admin", "admin-demo")
    page.goto(f"{oms}/packages/?tab=preparing")
    boxes = page.locator("tbody input[data-pick]")
    boxes.nth(2).check()
    boxes.nth(3).check()
    refuse = page.locator(".selection option").filter(has_text="Refuse").first.get_attribute("value")
    page.select_option(".selection select", refuse)
    with page.expect_navigation():
        page.click(".selection button.main")
    page.wait_for_selector("#bulk-denial_reason")
    page.select_option("#bulk-denial_reason", label="Mağaza kapalı")
    with page.expect_navigation():
        page.click("form.panel button.main")
    page.wait_for_selector("h1:has-text('Outcome')")
    assert page.locator("tbody .state:has-text('Needs Rescheduling')").count() == 2
    assert page.errors == []
