"""Where secrets lie inside a JSON value, and what happens to them on the way in and out.

A secret's place is a path of keys. A segment `"[endpoint]"` walks a list and names each of its items by that item's
`endpoint` key, so that a reordered list still finds its own secrets.
"""

from collections.abc import Callable, Iterator
from typing import Any

from ambar.kit.refusals import Invalid

Path = tuple[str, ...]


def walk(
    value: Any, path: Path, at: tuple[str, ...] = ()
) -> Iterator[tuple[tuple[str, ...], dict[str, Any], str]]:
    """Each place `path` leads to: (locator, the dict that holds it, its key)."""
    head, *rest = path
    if head.startswith("["):
        if not isinstance(value, list):
            return
        name = head.strip("[]")
        for item in value:
            if isinstance(item, dict):
                yield from walk(item, tuple(rest), (*at, str(item.get(name, ""))))
        return
    if not isinstance(value, dict) or head not in value:
        return
    if not rest:
        if isinstance(value[head], str) and value[head]:
            yield (*at, head), value, head
        return
    yield from walk(value[head], tuple(rest), (*at, head))


def _each(value: Any, paths: tuple[Path, ...], change: Callable[[str], str]) -> Any:
    copied = _copy(value)
    for path in paths:
        for _, holder, key in list(walk(copied, path)):
            holder[key] = change(holder[key])
    return copied


def _copy(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _copy(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_copy(item) for item in value]
    return value


def sealed(value: Any, paths: tuple[Path, ...], seal: Callable[[str], str]) -> Any:
    """`value` with every secret sealed."""
    return _each(value, paths, seal)


def opened(value: Any, paths: tuple[Path, ...], unseal: Callable[[str], str]) -> Any:
    """`value` with every secret in clear."""
    return _each(value, paths, unseal)


def masked(value: Any, paths: tuple[Path, ...], mask: Callable[[str], str]) -> Any:
    """A value in clear, with every secret masked."""
    return _each(value, paths, mask)


def restored(value: Any, old: Any, paths: tuple[Path, ...], mask: Callable[[str], str]) -> Any:
    """`value` where a secret sent back masked is the stored one again.

    Raises `Invalid` when a masked text stands where no such secret is stored.
    """
    copied = _copy(value)
    for path in paths:
        known = {locator: holder[key] for locator, holder, key in walk(old, path)}
        for locator, holder, key in list(walk(copied, path)):
            if set(holder[key][:4]) != {"*"}:
                continue
            clear = known.get(locator)
            if clear is None or mask(clear) != holder[key]:
                raise Invalid(
                    fields={"json_value": [f"{'.'.join(locator)}: a masked secret needs a stored one."]}
                )
            holder[key] = clear
    return copied
