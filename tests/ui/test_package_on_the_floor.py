"""A person takes a package from Waiting to Shipped by *Select Action*."""

import pytest

pytestmark = pytest.mark.browser


def state(page) -> str:
    return page.locator("h1 .state").inner_text()


def open_waiting(oms: str, page) -> None:
    """The newest package in plain Waiting; others on that tab wait for the marketplace."""
    page.goto(f"{oms}/packages/?tab=waiting")
    exactly = page.get_by_text("Waiting", exact=True)
    with page.expect_navigation():
        page.locator("tbody tr").filter(has=exactly).first.locator("td a").first.click()
    page.wait_for_selector("h1 .state")


def choose(page, action: str) -> None:
    page.click("summary:has-text('Select Action')")
    with page.expect_navigation():  # the notice of the step before is not taken for that of this one
        page.locator(".sheet .choice").filter(has_text=action).first.click()


def test_waiting_package_is_packed_and_shipped(oms, visit):
    page = visit(oms, "admin", "admin-demo")
    open_waiting(oms, page)
    assert state(page) == "Waiting"

    choose(page, "Packaging Completed")
    page.wait_for_selector(".notice.tone-good")
    assert state(page) == "Packed"

    choose(page, "Ship")
    if page.locator("#action").count():
        page.fill("#action input[name=tracking_number]", "YK00001234")
        with page.expect_navigation():
            page.click("#action button.main")
    page.wait_for_selector(".notice.tone-good")
    assert state(page) == "Shipped"

    history = page.locator(".timeline .state").all_inner_texts()
    assert history == ["Shipped", "Packed", "Waiting"]
    assert page.locator(".timeline").inner_text().count("Ayşe Yılmaz") == 2
    assert page.errors == []


def test_stale_action_says_that_the_package_moved_on(oms, visit):
    page = visit(oms, "admin", "admin-demo")
    open_waiting(oms, page)
    other = page.context.new_page()
    other.goto(page.url)
    choose(other, "Packaging Completed")
    other.wait_for_selector(".notice.tone-good")

    choose(page, "Packaging Completed")
    page.wait_for_selector(".notice.tone-bad")
    assert "the package has moved on" in page.inner_text(".notice.tone-bad")
    assert state(page) == "Packed"


def test_person_bound_to_a_location_sees_only_its_packages(oms, visit):
    page = visit(oms, "kadikoy", "kadikoy-demo")
    page.goto(f"{oms}/packages/")
    assert set(page.locator("tbody td:nth-child(4)").all_inner_texts()) == {"Kadıköy mağazası"}
    assert page.locator(".nav ul a").all_inner_texts() == [
        "Home",
        "Orders",
        "Packages",
        "Cancellations",
        "Pick and pack",
        "Shipments",
        "Transfers",
        "Locations",
        "Movements",
        "Bulk actions",
        "Stock",
    ]
    answer = page.goto(f"{oms}/packages/2/")
    assert answer.status == 404
    answer = page.goto(f"{oms}/settings/")
    assert answer.status == 403


def test_seller_sees_own_orders_and_why_they_are_read_only(seller_center, visit):
    page = visit(seller_center, "ambar", "ambar-demo")
    page.goto(f"{seller_center}/orders/")
    assert "Your OMS owns these orders" in page.inner_text(".notice")
    assert page.locator("tbody tr").count() == 50
    assert "Seller" not in page.locator("thead th").all_inner_texts()
    assert page.goto(f"{seller_center}/orders/2/").status == 404
