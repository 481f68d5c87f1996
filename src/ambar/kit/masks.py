"""What is shown of a secret to whoever may not read it, alone or as part of an address. Pure."""

from __future__ import annotations

import re
from collections.abc import Callable

_MASK = re.compile(r"\*{4}(.{4})?")
"""What `mask` makes of a value."""
_WORDS = re.compile(r"([^\W\d_]{1,16}\d{0,2}|\d{1,10})?([-_.~]([^\W\d_]{1,16}\d{0,2}|\d{1,10})?)*")
"""What a part of a path looks like that names something: words and numbers, `update-status`, `v1`, `2026`."""
_HUMPS = re.compile(r"[A-Z]?[a-z]{2,}([A-Z][a-z]{2,})*|[^A-Z]*|[^a-z]*")
"""How letters of a word stand together: `orders`, `ORDERS`, `PackageUpdates`; not `kWzQpLmN`."""


class Masked(ValueError):
    """A masked value that stands for none that is stored; says where it stands."""


def mask(secret: str) -> str:
    """`****abcd`: enough to recognise a long secret, nothing of a short one."""
    if not secret:
        return ""
    return "****" + (secret[-4:] if len(secret) >= 12 else "")


def masked_address(url: str) -> str:
    """An address with what may be a secret masked: parts of its path that don't read as words and numbers, and the values of its
    query; their names are kept, and what has no name is a value."""
    root, path, query, fragment = _cut(url)
    return _joined(
        root, [_masked_part(part) for part in path], [_masked(part) for part in query], mask(fragment)
    )


def unmasked_address(given: str, stored: str) -> str:
    """The address that is meant by one with masked parts and values: they are those of the stored address.

    :param stored: empty where nothing may be taken from it.
    :raises Masked: a masked value that stands for none of it.
    """
    _, had_path, had, had_fragment = _cut(stored)
    root, path, query, fragment = _cut(given)
    meant_path = [
        _meant(part, had_path, _masked_part, told=part) if _MASK.fullmatch(part) else part for part in path
    ]
    meant = [
        _meant(part, had, _masked, told=part.partition("=")[0]) if _is_masked(part) else part
        for part in query
    ]
    if _MASK.fullmatch(fragment):
        if fragment != mask(had_fragment):
            raise Masked("#")
        fragment = had_fragment
    return _joined(root, meant_path, meant, fragment)


def _meant(part: str, had: list[str], masked: Callable[[str], str], *, told: str) -> str:
    """The first of what is stored that is shown like this; it is taken out, so that it is meant once."""
    found = next((one for one in had if masked(one) == part), None)
    if found is None:
        raise Masked(told)
    had.remove(found)
    return found


def _cut(url: str) -> tuple[str, list[str], list[str], str]:
    """What stands before the path, the path's parts, the query's, and what stands behind it."""
    address, _, fragment = url.partition("#")
    before, asked, query = address.partition("?")
    scheme, slashes, rest = before.partition("://")
    host, slash, path = rest.partition("/")
    root = scheme + slashes + host
    return root, path.split("/") if slash else [], query.split("&") if asked else [], fragment


def _joined(root: str, path: list[str], query: list[str], fragment: str) -> str:
    return (
        root
        + ("/" + "/".join(path) if path else "")
        + ("?" + "&".join(query) if query else "")
        + (f"#{fragment}" if fragment else "")
    )


def _masked_part(part: str) -> str:
    """A part of a path as others see it: any may be a secret that does not look as if it named something."""
    reads = _WORDS.fullmatch(part) and all(map(_HUMPS.fullmatch, re.findall(r"[^\W\d_]+", part)))
    return part if reads else mask(part)


def _masked(part: str) -> str:
    name, equals, value = part.partition("=")
    return f"{name}={mask(value)}" if equals else mask(name)


def _is_masked(part: str) -> bool:
    name, equals, value = part.partition("=")
    return _MASK.fullmatch(value if equals else name) is not None
