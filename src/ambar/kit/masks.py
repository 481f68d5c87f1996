"""What is shown of a secret to whoever may not read it, alone or as part of an address. Pure."""

from __future__ import annotations

import re

_MASK = re.compile(r"\*{4}(.{4})?")
"""What `mask` makes of a value."""


class Masked(ValueError):
    """A masked value that stands for none that is stored; says where it stands."""


def mask(secret: str) -> str:
    """`****abcd`: enough to recognise a long secret, nothing of a short one."""
    if not secret:
        return ""
    return "****" + (secret[-4:] if len(secret) >= 12 else "")


def masked_address(url: str) -> str:
    """An address with the values of its query masked and their names kept; what has no name is a value."""
    root, query, fragment = _cut(url)
    return _joined(root, [_masked(part) for part in query], mask(fragment))


def unmasked_address(given: str, stored: str) -> str:
    """The address that is meant by one with masked values: they are those of the stored address.

    :param stored: empty where nothing may be taken from it.
    :raises Masked: a masked value that stands for none of it.
    """
    _, had, had_fragment = _cut(stored)
    root, query, fragment = _cut(given)
    meant = []
    for part in query:
        found: str | None = part
        if _is_masked(part):
            found = next((one for one in had if _masked(one) == part), None)
            if found is None:
                raise Masked(part.partition("=")[0])
            had.remove(found)
        meant.append(found or "")
    if _MASK.fullmatch(fragment):
        if fragment != mask(had_fragment):
            raise Masked("#")
        fragment = had_fragment
    return _joined(root, meant, fragment)


def _cut(url: str) -> tuple[str, list[str], str]:
    """What stands before the query, the query's parts, and what stands behind it."""
    address, _, fragment = url.partition("#")
    root, asked, query = address.partition("?")
    return root, query.split("&") if asked else [], fragment


def _joined(root: str, query: list[str], fragment: str) -> str:
    return root + ("?" + "&".join(query) if query else "") + (f"#{fragment}" if fragment else "")


def _masked(part: str) -> str:
    name, equals, value = part.partition("=")
    return f"{name}={mask(value)}" if equals else mask(name)


def _is_masked(part: str) -> bool:
    name, equals, value = part.partition("=")
    return _MASK.fullmatch(value if equals else name) is not None
