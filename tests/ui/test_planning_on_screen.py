"""Planning by mouse and keyboard: the condition builder, rules in order, a dry run, many packages at once."""

import pytest

from tests.ui.test_every_screen import serious

pytestmark = pytest.mark.browser


def test_the_condition_builder_says_what_it_means_while_it_is_built(oms, visit):
    page = visit(oms, "admin", "admin-demo")
    page.goto(f"{oms}/scenarios/2/rules/1/")
    builder = page.locator("#build-location_condition")
    builder.get_by_role("button", name="Condition", exact=True).click()
    page.wait_for_selector("#build-location_condition .leaf select[aria-label=Field]")
    page.select_option("#location_condition-0\\.0-field", "same_city")
    page.wait_for_selector("#location_condition-0\\.0-value")
    page.wait_for_selector("#build-location_condition .meaning b:has-text('Same city as the address is yes')")
    assert "of 4 locations" in builder.locator(".meaning").inner_text()
    with page.expect_navigation():
        page.click("form button:has-text('Save')")
    page.wait_for_selector(".notice.tone-good")
    assert "Same city as the address is yes" in page.inner_text(".chain")
    assert page.errors == []


def test_rules_are_put_in_order_with_the_keyboard_and_taken_back_with_one_click(oms, visit):
    page = visit(oms, "admin", "admin-demo")
    page.goto(f"{oms}/scenarios/2/")
    before = page.locator(".chain h2").all_inner_texts()
    page.get_by_role("button", name=f"Move {before[0]} down").focus()
    with page.expect_navigation():
        page.keyboard.press("Enter")
    page.wait_for_selector(".notice.tone-good")
    assert page.locator(".chain h2").all_inner_texts() == before[::-1]
    with page.expect_navigation():  # the notice of the move is not taken for that of the way back
        page.locator(".timeline button").first.click()
    page.wait_for_selector(".notice.tone-good")
    assert page.locator(".chain h2").all_inner_texts() == before


def test_why_here_leads_to_a_dry_run_of_the_same_order(oms, visit):
    page = visit(oms, "admin", "admin-demo")
    page.goto(f"{oms}/orders/")
    page.fill("input[name=q]", "A250002")
    page.keyboard.press("Enter")
    page.wait_for_url("**q=A250002**")
    with page.expect_navigation():
        page.locator("tbody tr a").filter(has_text="A250002").first.click()
    with page.expect_navigation():
        page.click("text=Why here?")
    page.wait_for_selector(".matrix")
    chosen = page.locator(".matrix th.chosen").all_inner_texts()
    with page.expect_navigation():
        page.click("text=Try it")
    page.wait_for_selector(".matrix")
    assert page.input_value("#order") == "A250002"
    assert page.locator(".matrix th.chosen").all_inner_texts() == chosen
    assert page.errors == []


def test_many_packages_are_moved_at_once_and_each_outcome_is_told(oms, visit):
    page = visit(oms, "admin", "admin-demo")
    page.goto(f"{oms}/packages/?tab=preparing")
    boxes = page.locator("tbody input[data-pick]")
    boxes.nth(0).check()
    boxes.nth(1).check()
    assert page.inner_text(".selection [data-chosen]") == "2"
    with page.expect_navigation():
        page.click(".selection button")
    page.wait_for_selector("h1:has-text('Outcome')")
    assert page.locator("tbody tr").count() == 2
    assert page.locator("tbody .tone-good").count() >= 2


def test_a_product_is_found_by_name_and_taken_with_keys(oms, visit):
    page = visit(oms, "admin", "admin-demo")
    page.goto(f"{oms}/dry-run/")
    page.locator("input[name=sku]").first.focus()
    page.keyboard.insert_text(
        "deri"
    )  # at once: half of it is asked for where typing takes long, and has as many suggestions
    page.wait_for_selector("[role=status]:has-text('4 suggestions')", state="attached")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    assert page.locator("[role=option][aria-selected=true]").inner_text().split() == [
        "AMB-0008",
        "Deri",
        "cüzdan",
        "8",
    ]
    assert serious(page) == []
    page.keyboard.press("Enter")
    assert page.locator("input[name=sku]").first.input_value() == "AMB-0008"
    assert page.locator("[role=listbox]").first.is_hidden()
    page.keyboard.press("Tab")
    page.keyboard.type("2")
    with page.expect_navigation():
        page.keyboard.press("Enter")
    assert "sku=AMB-0008&quantity=2" in page.url
    assert page.errors == []


def test_a_rule_card_is_dragged_to_another_place(oms, visit):
    page = visit(oms, "admin", "admin-demo")
    page.goto(f"{oms}/scenarios/1/")
    names = page.locator(".chain h2").all_inner_texts()
    grips = page.locator("[data-grip]")
    top, bottom = grips.first.bounding_box(), page.locator(".chain li").last.bounding_box()
    page.mouse.move(top["x"] + 4, top["y"] + 4)
    page.mouse.down()
    page.mouse.move(bottom["x"] + 40, bottom["y"] + bottom["height"] - 8, steps=4)
    with page.expect_navigation():
        page.mouse.up()
    assert page.locator(".chain h2").all_inner_texts() == names[::-1]
    with page.expect_navigation():
        page.get_by_role("button", name=f"Move {names[0]} up").click()
    assert page.locator(".chain h2").all_inner_texts() == names


def test_columns_are_chosen_and_a_view_is_kept_by_keys(oms, visit):
    page = visit(oms, "admin", "admin-demo")
    page.goto(f"{oms}/packages/?tab=stuck")
    page.locator("summary:has-text('Columns')").focus()
    page.keyboard.press("Enter")
    for _ in range(2):
        page.keyboard.press("Tab")
    page.keyboard.press("Space")
    assert serious(page) == []
    with page.expect_navigation():
        page.keyboard.press("Enter")
    heads = page.locator("thead th").all_inner_texts()
    assert "Location" not in heads and "State" in heads
    page.locator("summary:has-text('Views')").focus()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    page.keyboard.type("Stuck ones")
    with page.expect_navigation():
        page.keyboard.press("Enter")
    page.goto(f"{oms}/packages/?columns=all")
    page.click("summary:has-text('Views')")
    page.click(".kept a:has-text('Stuck ones')")
    page.wait_for_url("**tab=stuck**")
    assert page.locator("thead th").all_inner_texts() == heads
    assert page.errors == []
