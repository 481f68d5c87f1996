"""Starts the three systems with rows to look at, and Debian's Chromium."""

from __future__ import annotations

import os
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from ambar.cli.systems import OMNITRON, OMS, SELLER_CENTER, System, free_port

ROOT = Path(__file__).resolve().parents[2]
CHROMIUM = Path("/usr/bin/chromium")
ARGUMENTS = [
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]
LONG_SECONDS = 180
"""How long is waited for what must happen. It only ends a hang: a machine may be as slow as it likes."""
SERVE = "import sys; from ambar.cli import systems; systems.serve(systems.{name}, port=int(sys.argv[1]), threads=4)"


def _environment(home: Path) -> dict[str, str]:
    run = f"{os.environ.get('AMBAR_TEST_RUN') or 'ambar'}_screens"
    return {**os.environ, "AMBAR_TEST_RUN": run, "AMBAR_HOME": str(home)}


def _fresh_database(system: System, environment: dict[str, str]) -> None:
    name = f"{environment['AMBAR_TEST_RUN']}_{system.module}"
    with psycopg.connect(environment["AMBAR_TEST_SERVER"], autocommit=True) as connection:
        connection.execute(f'drop database if exists "{name}" with (force)')
        connection.execute(f'create database "{name}"')


def _wait_until_it_answers(url: str, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + LONG_SECONDS
    while time.monotonic() < deadline:
        assert process.poll() is None, "the system ended before it answered"
        try:
            with urllib.request.urlopen(f"{url}/login/", timeout=20):
                return
        except (urllib.error.URLError, ConnectionError, TimeoutError):
            time.sleep(0.1)
    raise AssertionError(f"{url} did not answer within {LONG_SECONDS} s")


def _started(system: System, constant: str, home: Path) -> Iterator[str]:
    if "AMBAR_TEST_SERVER" not in os.environ:
        pytest.skip("needs a PostgreSQL in AMBAR_TEST_SERVER (tests/run.py starts one)")
    environment = _environment(home)
    _fresh_database(system, environment)
    manage = [sys.executable, "-m", f"ambar.{system.module}", "migrate", "-v0"]
    subprocess.run(manage, cwd=ROOT, env=environment, check=True)
    seed = [sys.executable, str(ROOT / "tests/ui/seed" / f"{system.module}.py")]
    subprocess.run(seed, cwd=ROOT, env=environment, check=True)
    port = free_port()
    process = subprocess.Popen(
        [sys.executable, "-c", SERVE.format(name=constant), str(port)], cwd=ROOT, env=environment
    )
    try:
        url = f"http://127.0.0.1:{port}"
        _wait_until_it_answers(url, process)
        yield url
    finally:
        process.terminate()
        process.wait(timeout=LONG_SECONDS)


@pytest.fixture(scope="session")
def oms(tmp_path_factory) -> Iterator[str]:
    yield from _started(OMS, "OMS", tmp_path_factory.mktemp("oms"))


@pytest.fixture(scope="session")
def seller_center(tmp_path_factory) -> Iterator[str]:
    yield from _started(SELLER_CENTER, "SELLER_CENTER", tmp_path_factory.mktemp("seller_center"))


@pytest.fixture(scope="session")
def omnitron(tmp_path_factory) -> Iterator[str]:
    yield from _started(OMNITRON, "OMNITRON", tmp_path_factory.mktemp("omnitron"))


@pytest.fixture(scope="session")
def chromium():
    if not CHROMIUM.exists():
        pytest.skip(f"NO BROWSER TEST RUNS: {CHROMIUM} is missing (apt-get install chromium)")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=str(CHROMIUM), args=ARGUMENTS, timeout=LONG_SECONDS * 1000
        )
        yield browser
        browser.close()


@pytest.fixture
def visit(chromium):
    """`visit(url, user, password, theme=…, language=…)` gives a signed-in page; console errors end up in `page.errors`."""
    contexts = []

    def open_page(url: str, user: str, password: str, *, theme: str = "light", language: str = "en"):
        context = chromium.new_context(viewport={"width": 1280, "height": 860})
        contexts.append(context)
        context.add_cookies(
            [
                {"name": "ambar_theme", "value": theme, "url": url},
                {"name": "ambar_language", "value": language, "url": url},
            ]
        )
        context.set_default_timeout(LONG_SECONDS * 1000)
        page = context.new_page()
        page.errors = []
        page.on(
            "console", lambda message: page.errors.append(message.text) if message.type == "error" else None
        )
        page.on("pageerror", lambda error: page.errors.append(str(error)))
        page.goto(f"{url}/login/")
        page.fill("#username", user)
        page.fill("#password", password)
        with page.expect_navigation():
            page.click("button.main")
        page.wait_for_selector("main.work")
        return page

    yield open_page
    for context in contexts:
        context.close()
