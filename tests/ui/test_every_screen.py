"""Every screen of the three consoles opens and is accessible, in the themes and languages of `LOOKS`, also on a telephone."""

import pytest

from tests.ui.conftest import LONG_SECONDS

pytestmark = pytest.mark.browser

OMS_SCREENS = [
    "/",
    "/orders/",
    "/orders/5/",
    "/packages/",
    "/packages/?tab=stuck",
    "/packages/5/",
    "/packages/5/?action=ship",
    "/packages/9/?action=manual-planning-from-waiting",
    "/transfers/",
    "/transfers/1/",
    "/quarantine/",
    "/quarantine/1/",
    "/quarantine/6/",
    "/quarantine/causes/?cause=channel:77",
    "/quarantine/refused/",
    "/quarantine/names/",
    "/locations/",
    "/locations/movements/",
    "/locations/1/",
    "/stock/",
    "/stock/why/1/1/",
    "/stock/check/",
    "/stock/imports/",
    "/engines/",
    "/engines/new/",
    "/engines/1/",
    "/webhooks/",
    "/webhooks/log/",
    "/webhooks/log/5/",
    "/webhooks/new/",
    "/webhooks/1/",
    "/webhooks/types/",
    "/webhooks/parked/",
    "/webhooks/aside/",
    "/webhooks/replays/",
    "/webhooks/replays/new/",
    "/webhooks/replays/1/",
    "/scenarios/",
    "/scenarios/new/",
    "/scenarios/1/",
    "/scenarios/1/edit/",
    "/scenarios/1/rules/0/",
    "/scenarios/1/rules/new/",
    "/transfer-scenarios/",
    "/transfer-scenarios/new/",
    "/shipping-costs/",
    "/dry-run/",
    "/dry-run/?order=A250002",
    "/orders/73/why/",
    "/bulk-actions/",
    "/bulk-actions/1/",
    "/handover/",
    "/handover/conflicts/",
    "/handover/reconciliations/1/",
    "/handover/reconciliations/2/",
    "/picking/",
    "/picking/scan/?code=AMB-0005",
    "/packages/9/?scan=1",
    "/shipments/",
    "/shipments/1/",
    "/shipments/senders/new/",
    "/carriers/",
    "/carriers/1/",
    "/cancellations/",
    "/cancellations/1/",
    "/cancellations/plans/",
    "/cancellations/plans/4/",
    "/reasons/",
    "/states/",
    "/states/transitions/?q=transfer",
    "/states/transitions/2/",
    "/states/picture/?kind=transfer",
    "/states/check/",
    "/states/log/?kind=transfer",
    "/settings/",
    "/settings/values/SELLER_CENTER_SETTINGS/",
    "/settings/setup/",
    "/settings/doctor/",
]
SELLER_CENTER_SCREENS = [
    "/orders/",
    "/orders/3/",
    "/packages/",
    "/packages/preparing/",
    "/packages/shipped/",
    "/packages/3/",
    "/sellers/",
    "/webhooks/",
]
OMNITRON_SCREENS = ["/orders/", "/orders/3/", "/products/", "/stock/", "/stores/", "/channels/", "/webhooks/"]


OTHER_THEMES = ("dark", "contrast")


def serious(page, **options) -> list[str]:
    from axe_playwright_python.sync_playwright import Axe

    found = Axe().run(page, options=options or None).response["violations"]
    return [
        f"{rule['id']}: {[node['html'][:160] for node in rule['nodes'][:3]]}"
        for rule in found
        if rule["impact"] in ("serious", "critical")
    ]


def unreadable(page) -> dict[str, list[str]]:
    """Contrast in the other themes: a theme changes colours only, so the screen is not loaded or examined anew."""
    found = {}
    for theme in OTHER_THEMES:
        page.evaluate("theme => { document.documentElement.dataset.theme = theme }", theme)
        problems = serious(page, runOnly=["color-contrast"])
        if problems:
            found[theme] = problems
    return found


def walk(page, url: str, paths: list[str], *, themes: bool = False) -> dict[str, object]:
    """What is wrong on each screen, with `themes` in each of them; empty when all is well."""
    wrong = {}
    for path in paths:
        answer = page.goto(url + path)
        problems = serious(page) or (unreadable(page) if themes else {})
        if answer.status != 200 or problems or page.errors:
            wrong[path] = (answer.status, problems, list(page.errors))
            page.errors.clear()
    return wrong


LOOKS = pytest.mark.parametrize(("theme", "language"), [("light", "en"), ("dark", "tr")])
"""English in all three themes, of which two by contrast alone; Turkish in dark."""


@LOOKS
def test_oms_screens_are_accessible(oms, visit, theme, language):
    page = visit(oms, "admin", "admin-demo", theme=theme, language=language)
    assert walk(page, oms, OMS_SCREENS, themes=theme == "light") == {}


def test_oms_screens_fit_a_telephone_in_the_longer_language(oms, visit):
    page = visit(oms, "admin", "admin-demo", language="tr")
    page.set_viewport_size({"width": 390, "height": 800})
    too_wide = {}
    for path in OMS_SCREENS:
        page.goto(oms + path)
        over = page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
        if over > 0:
            too_wide[path] = over
    assert too_wide == {}


def test_a_theme_that_cannot_be_read_is_found(oms, visit):
    page = visit(oms, "admin", "admin-demo")
    page.goto(f"{oms}/shipping-costs/")
    page.evaluate("document.querySelector('.head .lead').style.color = '#333'")
    assert serious(page) == []
    assert "dark" in unreadable(page)


@LOOKS
def test_seller_center_screens_are_accessible(seller_center, visit, theme, language):
    page = visit(seller_center, "admin", "admin-demo", theme=theme, language=language)
    assert walk(page, seller_center, SELLER_CENTER_SCREENS, themes=theme == "light") == {}


@LOOKS
def test_omnitron_screens_are_accessible(omnitron, visit, theme, language):
    page = visit(omnitron, "admin", "admin-demo", theme=theme, language=language)
    assert walk(page, omnitron, OMNITRON_SCREENS, themes=theme == "light") == {}


def test_login_page_is_accessible_and_refuses_in_words(oms, chromium):
    page = chromium.new_page()
    page.set_default_timeout(LONG_SECONDS * 1000)
    page.goto(f"{oms}/login/")
    assert serious(page) == []
    page.fill("#username", "admin")
    page.fill("#password", "not-the-password")
    with page.expect_navigation():
        page.click("button.main")
    assert page.inner_text("[role=alert]").strip() == "User name and password do not match."
    assert serious(page) == []
    page.close()


def test_screens_speak_turkish(oms, visit):
    page = visit(oms, "admin", "admin-demo", language="tr")
    assert page.locator(".nav ul a").all_inner_texts()[:4] == [
        "Ana sayfa",
        "Siparişler",
        "Paketler",
        "Karantina",
    ]
    assert page.inner_text("html h1") == "Bugün"
    assert page.get_attribute("html", "lang") == "tr"


def test_theme_and_language_switches_are_remembered(oms, visit):
    page = visit(oms, "admin", "admin-demo", theme="light")
    page.goto(f"{oms}/packages/?tab=packed")
    with page.expect_navigation():
        page.click("button[name=theme][value=dark]")
    page.wait_for_selector("html[data-theme=dark]")
    with page.expect_navigation():
        page.click("button[name=language][value=tr]")
    page.wait_for_selector("html[lang=tr]")
    assert page.url == f"{oms}/packages/?tab=packed"
    page.goto(f"{oms}/orders/")
    assert page.get_attribute("html", "data-theme") == "dark"
    assert page.inner_text("h1") == "Siparişler"
    page.click("button[name=language][value=en]")
    page.wait_for_selector("html[lang=en]")


def test_navigation_collapses_and_stays_so(oms, visit):
    page = visit(oms, "admin", "admin-demo")
    page.click("[data-collapse]")
    assert page.get_attribute(".shell", "data-nav") == "narrow"
    page.goto(f"{oms}/packages/")
    assert page.get_attribute(".shell", "data-nav") == "narrow"


def test_keyboard_walks_the_list_and_opens_a_row(oms, visit):
    page = visit(oms, "admin", "admin-demo")
    page.goto(f"{oms}/orders/")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    number = page.locator("tr.current td").first.inner_text()
    page.keyboard.press("Enter")
    page.wait_for_url("**/orders/*/")
    assert number.strip() in page.inner_text("h1")


def test_filter_becomes_a_chip_in_the_address_and_goes_again(oms, visit):
    page = visit(oms, "admin", "admin-demo")
    page.goto(f"{oms}/orders/")
    page.select_option("select[name=planning]", "hold")
    page.wait_for_selector(".chip")
    assert page.url == f"{oms}/orders/?planning=hold"
    assert page.locator("tbody tr").count() == 4
    page.click(".chip")
    page.wait_for_selector(".chip", state="detached")
    assert page.locator("tbody tr").count() == 50
