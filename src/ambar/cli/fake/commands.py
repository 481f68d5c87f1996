"""`ambar fake seller-center` and `ambar fake omnitron`: the other side of the contract, for whoever builds against it."""

from __future__ import annotations

import hashlib
import json
import socket
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any
from urllib.parse import urlsplit

import typer

from ambar.cli.systems import LOOPBACK
from ambar.kit.refusals import Invalid

if TYPE_CHECKING:
    from ambar.cli.fake.contract_server import Fake
    from ambar.cli.fake.faults import Rule

Seed = Annotated[int, typer.Option(help="Decides the made-up data and which requests fail.")]
Faults = Annotated[
    list[str] | None,
    typer.Option(
        "--fault",
        help="FAULT:VALUE=SHARE@PATH, all but FAULT as you like, e.g. 429:2=0.1@orders, duplicate=0.1@HOOK; repeatable.",
    ),
]
FaultFile = Annotated[str, typer.Option("--faults", help='A JSON file: {"rules": [...]} as for PUT /faults.')]
Json = Annotated[bool, typer.Option("--json", help="Tell how to reach it as one JSON document.")]


def seller_center(
    port: int = 8010,
    address: str = LOOPBACK,
    orders: Annotated[int, typer.Option(min=0, max=1_000_000, help="How many orders there are.")] = 100,
    seed: Seed = 1,
    supplier_code: str = "AMBAR-01",
    token: Annotated[
        str, typer.Option(envvar="AMBAR_FAKE_TOKEN", help="What an OMS presents; made up without.")
    ] = "",
    hook_secret: Annotated[
        str, typer.Option(envvar="AMBAR_FAKE_HOOK_SECRET", help="Signs package events; not checked without.")
    ] = "",
    push_url: Annotated[
        str,
        typer.Option(
            help="Push orders and cancellation plans to this OMS, e.g. http://127.0.0.1:8001/api/v1/oms."
        ),
    ] = "",
    push_token: Annotated[
        str,
        typer.Option(
            envvar="AMBAR_FAKE_PUSH_TOKEN", help="What the pushes present; signed with the hook secret."
        ),
    ] = "",
    fault: Faults = None,
    faults: FaultFile = "",
    as_json: Json = False,
) -> None:
    """Answer what a seller's OMS asks a Seller Center, take its package events, and fail as told.

    GET /ledger tells what was received, PUT /faults changes what goes wrong, POST /world/orders makes more orders.
    """
    from ambar.cli.fake.orders_book import OrdersBook
    from ambar.cli.fake.seller_center_fake import ROOT, SellerCenterFake

    rules = _rules(fault or [], faults)
    _pushable(push_url)
    shown = token or _made_up(f"seller center {seed}")
    book = OrdersBook(seed=seed, orders=orders, supplier_code=supplier_code)
    made = SellerCenterFake(
        book,
        token=shown,
        hook_secret=hook_secret,
        push_url=push_url,
        push_token=push_token,
        seed=seed,
        rules=rules,
    )
    url, port = _found(address, port)
    told = {"system": "seller-center", "url": url, "base_url": url + ROOT, "token": shown, "supplier_code": supplier_code,
            "hook_secret": hook_secret, "push_url": push_url, "orders": orders, "seed": seed, "faults": made.injector.told(), "settings": _settings(url + ROOT, shown)}  # fmt: skip
    lines = [
        f"A fake Seller Center on {url}: {orders} orders of {supplier_code}, seed {seed}.",
        "",
        "Point an OMS at it (the OMS must allow the address: AMBAR_ALLOWED_TARGETS, see docs/howto/test-against-fakes.md):",
        f"  ambar oms integrate --seller-center-url {url} --seller-center-token {shown} --supplier-code {supplier_code} \\",
        f"    --hook-secret {hook_secret or 'any-long-secret'} --omnitron-url … --omnitron-username … --omnitron-password …",
        f"or write base_url {url}{ROOT} and this token into each entry of endpoint_conf yourself (--json prints them).",
    ]
    _run(made, told, lines, port=port, address=address, as_json=as_json)


def omnitron(
    port: int = 8011,
    address: str = LOOPBACK,
    seed: Seed = 1,
    username: Annotated[str, typer.Option(envvar="AMBAR_FAKE_USERNAME")] = "integration",
    password: Annotated[str, typer.Option(envvar="AMBAR_FAKE_PASSWORD", help="Made up without.")] = "",
    fault: Faults = None,
    faults: FaultFile = "",
    as_json: Json = False,
) -> None:
    """Answer what an OMS behind a Seller Center asks Omnitron: sign-in, hooks, stores, channels, goods, stock, places.

    GET /ledger tells what was received, PUT /faults changes what goes wrong.
    """
    from ambar.cli.fake.hub_book import HubBook
    from ambar.cli.fake.omnitron_fake import ROOT, OmnitronFake

    rules = _rules(fault or [], faults)
    shown = password or _made_up(f"omnitron {seed}")
    made = OmnitronFake(HubBook(seed=seed), username=username, password=shown, seed=seed, rules=rules)
    url, port = _found(address, port)
    told = {"system": "omnitron", "url": url, "base_url": url + ROOT, "username": username, "password": shown,
            "seed": seed, "faults": made.injector.told()}  # fmt: skip
    lines = [
        f"A fake Omnitron on {url}, seed {seed}.",
        "",
        "Point an OMS at it (the OMS must allow the address: AMBAR_ALLOWED_TARGETS, see docs/howto/test-against-fakes.md):",
        f"  ambar oms integrate --omnitron-url {url} --omnitron-username {username} --omnitron-password {shown} \\",
        "    --seller-center-url … --seller-center-token … --supplier-code …",
    ]
    _run(made, told, lines, port=port, address=address, as_json=as_json)


def _run(
    made: Fake, told: dict[str, Any], lines: list[str], *, port: int, address: str, as_json: bool
) -> None:
    from ambar.cli.fake.contract_server import serve

    if (reason := _taken(address, port)) is not None:
        typer.echo(
            f"Port {port} at {address} can't be listened on: {reason}. Choose another one with --port.",
            err=True,
        )
        raise typer.Exit(2)
    if as_json:
        typer.echo(json.dumps(told, ensure_ascii=False))
    else:
        ways = [
            f"What it was sent: curl {told['url']}/ledger",
            f'What goes wrong:  curl -X PUT {told["url"]}/faults -d \'{{"rules": [{{"fault": "status", "status": 429, "times": 3}}]}}\'',
        ]
        typer.echo("\n".join([*lines, "", *ways]))
    sys.stdout.flush()
    serve(made, port=port, address=address)


def _taken(address: str, port: int) -> str | None:
    """Why nobody can listen there, before anything is said of what will."""
    try:
        _bound(address, port).close()
    except (OSError, OverflowError) as error:
        return (error.strerror if isinstance(error, OSError) else None) or str(error)
    return None


def _bound(address: str, port: int) -> socket.socket:
    family, kind, _, _, where = socket.getaddrinfo(address, port, type=socket.SOCK_STREAM)[0]
    one = socket.socket(family, kind)
    try:
        one.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        one.bind(where)
    except BaseException:
        one.close()
        raise
    return one


def _found(address: str, port: int) -> tuple[str, int]:
    """The address as a URL has it, and the port: a free one instead of 0, so that what is said is where it listens."""
    if port == 0:
        try:
            with _bound(address, 0) as one:
                port = one.getsockname()[1]
        except OSError:
            pass  # what can't be listened on is said before anything else
    return f"http://{f'[{address}]' if ':' in address else address}:{port}", port


def _pushable(url: str) -> None:
    """Errors: an exit with a sentence for what nothing could be pushed to."""
    try:
        parts = urlsplit(url)
        fine = parts.scheme in ("http", "https") and bool(parts.hostname) and (parts.port or 1) > 0
    except ValueError:
        fine = False
    if url and not fine:
        typer.echo(
            f"--push-url is no address of an OMS: {url}. It is one such as http://127.0.0.1:8001/api/v1/oms.",
            err=True,
        )
        raise typer.Exit(2)


def _rules(options: list[str], file: str) -> list[Rule]:
    from ambar.cli.fake.faults import option, rules

    try:
        found = [option(text) for text in options]
        if file:
            found += rules(json.loads(Path(file).read_text(encoding="utf-8")))
        return found
    except (Invalid, OSError, ValueError, RecursionError) as error:
        typer.echo(f"The faults can't be read: {error}", err=True)
        raise typer.Exit(2) from None


def _made_up(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:40]


def _settings(base_url: str, token: str) -> dict[str, Any]:
    """`endpoint_conf` of OMNITRON_CLIENT_SETTINGS, ready to be written."""
    from ambar.oms.omnitron_client.domain.endpoints import REDIRECTED

    return {
        "endpoint_conf": [
            {"endpoint": name, "base_url": base_url, "auth": {"token": token}} for name in REDIRECTED
        ]
    }
