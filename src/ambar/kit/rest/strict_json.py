"""JSON as the standard means it: no NaN, no repeated keys, bounded depth, storable texts and numbers."""

from __future__ import annotations

import json
import math
import re
from typing import Any

import orjson

from ..refusals import Invalid
from ..text import refused_characters

MAX_DEPTH = 64
_INTEGER_LIMIT = 2**63
_SUSPECT_TEXT = re.compile(rb"\\u0000|\\u[dD][89a-fA-F]|\x00")
_LONG_NUMBER = re.compile(rb"[0-9]{19}")


def _refuse_constant(name: str) -> Any:
    raise _parse_error(f"{name} is not allowed")


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        seen: set[str] = set()
        for key, _ in pairs:
            if key in seen:
                raise Invalid(
                    fields={_name((key,)): ["This key is given more than once."]}, code="parse_error"
                )
            seen.add(key)
    return found


def _finite(text: str) -> float:
    number = float(text)
    if math.isinf(number):
        raise _parse_error(f"the number {text[:40]} is out of range")
    return number


def _parse_error(reason: str) -> Invalid:
    return Invalid(f"JSON parse error: {reason}", code="parse_error")


_DECODER = json.JSONDecoder(object_pairs_hook=_unique, parse_constant=_refuse_constant, parse_float=_finite)


def loads(raw: bytes) -> Any:
    """Parses one JSON document.

    :raises Invalid: with line and column for what is no JSON; naming the field for what can't be stored.
    """
    data = _plainly_fine(raw)
    return _strictly(raw) if data is _DOUBTFUL else data


_DOUBTFUL = object()
_DIGITS_ALIKE = bytes.maketrans(b"123456789", b"000000000")
_LONG_DIGITS = b"0" * 19
_LATE_COLON = re.compile(rb'"[ \t\r\n]+:')


def _is_doubtful(raw: bytes) -> bool:
    """NUL, and numbers that may not fit."""
    return b"\\u0000" in raw or _LONG_DIGITS in raw.translate(_DIGITS_ALIKE)


def _plainly_fine(raw: bytes) -> Any:
    """The document when the fast parser's answer is certain to be the strict one's, else `_DOUBTFUL`.

    The fast parser keeps the last of repeated keys in silence. What is written again byte for byte as it came had none.
    """
    if _is_doubtful(raw):
        return _DOUBTFUL
    try:
        data = orjson.loads(raw)
    except orjson.JSONDecodeError:
        return _DOUBTFUL
    is_flat = raw.count(b"{") + raw.count(b"[") <= MAX_DEPTH
    if (is_flat and orjson.dumps(data) == raw) or _has_each_key_once(data, raw):
        return data
    return _DOUBTFUL


def _has_each_key_once(data: Any, raw: bytes) -> bool:
    """Whether that is certain of a document of no more than the allowed depth.

    Where every key stands right before its colon, the document has at most as many keys as it has `":`; when the parsed tree has
    as many, none was repeated. With a key apart from its colon counting would not be sound.
    """
    keys, depth = _keys_and_depth(data)
    return keys == raw.count(b'":') and depth <= MAX_DEPTH and _LATE_COLON.search(raw) is None


def _keys_and_depth(data: Any) -> tuple[int, int]:
    """How many keys the tree has, and how deep it is (a bare value is 0), counted up to one more than is allowed."""
    keys = depth = 0
    level: list[Any] = [data] if isinstance(data, dict | list) else []
    while level and depth <= MAX_DEPTH:
        depth += 1
        inner = []
        for node in level:
            members = node
            if type(node) is dict:
                keys += len(node)
                members = node.values()
            inner += [value for value in members if type(value) is dict or type(value) is list]
        level = inner
    return keys, depth


def _strictly(raw: bytes) -> Any:
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise _parse_error(f"not UTF-8 at byte {error.start}") from error
    if not text.strip():
        raise _parse_error("the body is empty")
    try:
        data = _DECODER.decode(text.strip(" \t\r\n") if text[0] in " \t\r\n" else text)
    except json.JSONDecodeError as error:
        place = f"line {error.lineno} column {error.colno}"
        raise _parse_error(f"{error.msg} at {place}") from error
    except RecursionError as error:
        raise _too_deep() from error
    except ValueError as error:
        raise _parse_error("a number is too long") from error
    if raw.count(b"[") + raw.count(b"{") > MAX_DEPTH and _depth(raw) > MAX_DEPTH:
        raise _too_deep()
    if _SUSPECT_TEXT.search(raw) or _LONG_NUMBER.search(raw):
        _check_values(data)
    return data


def _too_deep() -> Invalid:
    return _parse_error(f"nested deeper than {MAX_DEPTH} levels")


_STRING = re.compile(rb'"[^"\\]*(?:\\.[^"\\]*)*"', re.DOTALL)
_ONE_KIND = bytes.maketrans(b"{}", b"[]")
_NO_BRACKET = bytes(byte for byte in range(256) if byte not in b"[]{}")


def _depth(raw: bytes) -> int:
    """Greatest nesting of a document that is known to parse, counted up to one more than is allowed.

    Every pass takes the innermost pairs away; bodies of hundreds of records are judged without a step per bracket.
    """
    left = _STRING.sub(b"", raw).translate(_ONE_KIND, _NO_BRACKET)
    passes = 0
    while left and passes <= MAX_DEPTH:
        left = left.replace(b"[]", b"")
        passes += 1
    return passes


def _check_values(data: Any) -> None:
    stack: list[tuple[tuple[str, ...], Any]] = [((), data)]
    while stack:
        path, value = stack.pop()
        if isinstance(value, dict):
            for key, item in value.items():
                _check_text(key, (*path, "(key)"))
                stack.append(((*path, key), item))
        elif isinstance(value, list):
            stack.extend(((*path, str(index)), item) for index, item in enumerate(value))
        elif isinstance(value, str):
            _check_text(value, path)
        elif isinstance(value, int) and not -_INTEGER_LIMIT <= value < _INTEGER_LIMIT:
            raise Invalid(fields={_name(path): ["The number is out of range."]})


def _check_text(value: str, path: tuple[str, ...]) -> None:
    reason = refused_characters(value)
    if reason:
        raise Invalid(fields={_name(path): [reason]})


def _name(path: tuple[str, ...]) -> str:
    return ".".join(path).encode("utf-8", "replace").decode() or "non_field_errors"
