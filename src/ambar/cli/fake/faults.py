"""What goes wrong on the wire, and when: rules that pick requests, the same ones for the same seed.

Pure: no network here. `fault_gate` does to a request what a rule says.
"""

from __future__ import annotations

import math
import random
import re
import threading
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from typing import Any

from ambar.kit.refusals import Invalid
from ambar.kit.text import is_digits

FAULTS = {
    "drop": "the connection is closed without an answer; nothing was done",
    "swallow": "what was asked is done, and the connection is closed without an answer",
    "duplicate": "a write is done twice, a list shows every row twice",
    "reorder": "a list is shuffled; a write waits for the next one, up to `seconds`, and is done after it",
    "delay": "the answer comes `seconds` later",
    "status": "the answer is `status`, with `retry_after` when that is given; nothing was done",
    "half": "of a bulk body only some rows are done, and the answer holds only these",
    "drip": "the answer comes one byte every `seconds`",
    "huge": "the answer is `bytes` blanks and a {}",
    "redirect": "307 to `to` (another path of this server when empty)",
    "garbage": "200 with a page of HTML",
    "expire": "every token handed out is forgotten; where there is no sign-in, this request is answered 401",
    "count": "a list says `rows` more than there are",
    "vanish": "`rows` orders are gone before the answer",
}
"""Name of each fault → what it does."""
HOOK = "HOOK"
"""The method of a rule about what the fake sends itself."""
OF_HOOKS = ("drop", "swallow", "duplicate", "reorder", "delay")
"""What can go wrong with a hook: not sent; sent, and again as if not answered; sent twice; overtaken; late."""
METHODS = ("", "GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", HOOK)
_SECONDS = {"delay": 0.5, "drip": 0.2, "reorder": 1.0}


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """Which requests fail and how.

    `path`: a part of the path, "" for every one; `method`: "" for every one, HOOK for what the fake sends; `share` of the requests, decided by the
    seed; the first `after` requests pass; no more than `times` fail (None: no end).
    """

    fault: str
    path: str = ""
    method: str = ""
    share: float = 1.0
    times: int | None = None
    after: int = 0
    status: int = 503
    retry_after: str = ""
    seconds: float = 0.0
    bytes: int = 100_000_000
    rows: int = 1
    to: str = ""

    def fits(self, method: str, path: str) -> bool:
        """Whether the rule is about such a request."""
        return self.path in path and self.method.upper() in ("", method.upper())


_TYPES: dict[str, tuple[type, ...]] = {
    "share": (float, int), "seconds": (float, int), "times": (int,), "after": (int,), "status": (int,), "bytes": (int,), "rows": (int,),
}  # fmt: skip


def rule(body: Any) -> Rule:
    """A rule as it is written to `PUT /faults`. Errors: `Invalid` naming the field."""
    if not isinstance(body, Mapping):
        raise Invalid(fields={"rules": ["Expected an object per rule."]})
    known = {field.name for field in fields(Rule)}
    errors: dict[str, list[str]] = {name: ["Unknown field."] for name in body if name not in known}
    for name, value in body.items():
        wanted = _TYPES.get(name, (str,))
        fine = isinstance(value, wanted) and not isinstance(value, bool)
        if name in known and not fine and not (name == "times" and value is None):
            errors[name] = [f"Expected {' or '.join(kind.__name__ for kind in wanted)}."]
    fault = body.get("fault")
    if not isinstance(fault, str) or fault not in FAULTS:
        errors["fault"] = [f"Must be one of {', '.join(FAULTS)}."]
    if not errors and not 0 <= body.get("share", 1.0) <= 1:
        errors["share"] = ["Must lie between 0 and 1."]
    if not errors and not 200 <= body.get("status", 503) <= 599:
        errors["status"] = ["Must be an HTTP status that ends an answer, 200 to 599."]
    if not errors and not _RETRY_AFTER.fullmatch(body.get("retry_after", "")):
        errors["retry_after"] = ["Must be seconds, such as 2, or date: and seconds, such as date:2."]
    if not errors and any(
        (body.get(name) or 0) < 0 for name in ("seconds", "times", "after", "bytes", "rows")
    ):
        errors["non_field_errors"] = ["No number may be negative."]
    if not errors and not math.isfinite(body.get("seconds", 0.0)):
        errors["seconds"] = ["Must be a number of seconds."]
    method = str(body.get("method", "")).upper()
    if not errors and method not in METHODS:
        errors["method"] = [f"Must be one of {', '.join(METHODS[1:])}, or left out."]
    if not errors and method == HOOK and fault not in OF_HOOKS:
        errors["fault"] = [f"Of hooks one of {', '.join(OF_HOOKS)}."]
    if errors:
        raise Invalid(fields=errors)
    return Rule(**{"seconds": _SECONDS.get(str(fault), 0.0), **body, "method": method})


def rules(body: Any) -> list[Rule]:
    """`{"rules": [...]}`, or the list alone. Errors: `Invalid` naming the field, and of several rules which one, from 0."""
    rows = body.get("rules") if isinstance(body, Mapping) else body
    if not isinstance(rows, list):
        raise Invalid(fields={"rules": ["A list of rules is required."]})
    found = []
    for place, row in enumerate(rows):
        try:
            found.append(rule(row))
        except Invalid as refusal:
            if len(rows) == 1:
                raise
            raise Invalid(
                fields={f"rules.{place}.{name}": told for name, told in refusal.fields.items()}
            ) from None
    return found


_RETRY_AFTER = re.compile(r"((date:)?[0-9]{1,9})?", re.ASCII)


def option(text: str) -> Rule:
    """A rule as it is written on the command line: `FAULT[:VALUE][=SHARE][@PART OF THE PATH]`.

    A path that begins with HOOK is about the hooks the fake sends (`duplicate=0.1@HOOK`). A three-digit FAULT is a status; VALUE is its Retry-After (`2`, or `date:2` for an HTTP date), else the seconds, bytes,
    rows or address of the fault; `status:429:2` is `429:2`. Errors: `Invalid`, also for a value of a fault that takes none.
    """
    said, _, path = text.partition("@")
    said, _, share = said.partition("=")
    name, _, value = said.partition(":")
    if name == "status" and value:
        name, _, value = value.partition(":")
        if not is_digits(name):
            raise Invalid(
                fields={"fault": [f"{text!r} can't be read: a status is a number, such as status:429."]}
            )
    body: dict[str, Any] = {"path": path}
    if path.startswith(HOOK):
        body = {"path": path[len(HOOK) :], "method": HOOK}
    try:
        if share:
            body["share"] = float(share)
        if is_digits(name):
            body |= {"fault": "status", "status": int(name), "retry_after": value}
        else:
            body["fault"] = name
            if value and name in _VALUES:
                key, read = _VALUES[name]
                body[key] = read(value)
            elif value and name in FAULTS:
                share = f"{name}={value}"
                raise Invalid(
                    fields={"fault": [f"{name} takes no value; a share of the requests is written {share}."]}
                )
    except ValueError as error:
        raise Invalid(fields={"fault": [f"{text!r} can't be read: {error}."]}) from None
    return rule(body)


_VALUES: dict[str, tuple[str, Any]] = {
    "huge": ("bytes", int), "count": ("rows", int), "vanish": ("rows", int), "redirect": ("to", str),
    **dict.fromkeys(_SECONDS, ("seconds", float)),
}  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Hit:
    """A rule that applies to one request; `dice` decides whatever is left to chance."""

    rule: Rule
    dice: random.Random


class Injector:
    """Chooses requests by the rules, in their order; the n-th request that fits a rule always meets the same fate.

    Safe between threads.
    """

    def __init__(self, rules: Sequence[Rule] = (), *, seed: int = 1) -> None:
        self._seed = seed
        self._lock = threading.Lock()
        self.put(rules)

    def put(self, rules: Sequence[Rule]) -> None:
        """Go by these rules from now on, counting from nothing."""
        with self._lock:
            self._rules = list(rules)
            self._seen = [0] * len(self._rules)
            self._hits = [0] * len(self._rules)

    def choose(self, method: str, path: str) -> Hit | None:
        """What is to happen to this request; None: nothing."""
        with self._lock:
            for place, one in enumerate(self._rules):
                if not one.fits(method, path):
                    continue
                self._seen[place] += 1
                if self._seen[place] <= one.after or (
                    one.times is not None and self._hits[place] >= one.times
                ):
                    continue
                dice = random.Random(f"{self._seed} {place} {self._seen[place]}")
                if dice.random() < one.share:
                    self._hits[place] += 1
                    return Hit(rule=one, dice=dice)
        return None

    def told(self) -> list[dict[str, Any]]:
        """The rules with how many requests fitted (`seen`) and failed (`hits`)."""
        with self._lock:
            return [
                {**asdict(one), "seen": seen, "hits": hits}
                for one, seen, hits in zip(self._rules, self._seen, self._hits, strict=True)
            ]
