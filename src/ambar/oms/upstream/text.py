"""Making any JSON value storable: what PostgreSQL can't hold is replaced, so that even a broken order can be kept."""

import hashlib
import json
import re
from decimal import Decimal
from typing import Any

_LONGEST = 80
_REPLACED = "\N{REPLACEMENT CHARACTER}"
_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")


def storable(value: Any) -> Any:
    """`value` with NUL characters, lone surrogates and numbers that are none replaced."""
    if isinstance(value, str):
        return _UNSTORABLE.sub(_REPLACED, value)
    if isinstance(value, dict):
        return {storable(str(key)): storable(item) for key, item in value.items()}
    if isinstance(value, list):
        return [storable(item) for item in value]
    if isinstance(value, float) and (value != value or value in (float("inf"), float("-inf"))):
        return str(value)
    return value


def storable_json(value: Any) -> str:
    """JSON text that PostgreSQL takes as jsonb."""
    return json.dumps(storable(value), ensure_ascii=False, default=str)


def shown(value: Any) -> str:
    """A value as it stood in the record, for people; a long one is cut."""
    text = str(value) if isinstance(value, Decimal) else storable_json(value)
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…"


def fingerprint(value: Any) -> str:
    """A stable name for a record that has no usable id."""
    return hashlib.sha256(json.dumps(value, sort_keys=True, default=str).encode()).hexdigest()[:32]
