"""What a service says about its refusal, fit to be shown."""

from __future__ import annotations

import httpx2

from ..text import refused_characters

LONGEST = 300


def said_by(answer: httpx2.Response) -> str:
    """`: <message>` from the JSON keys `message`, `error` or `detail` of an answer, or "" when it says nothing readable."""
    try:
        body = answer.json()
    except (ValueError, RecursionError):
        return ""
    if not isinstance(body, dict):
        return ""
    said = body.get("message") or body.get("error") or body.get("detail")
    if not isinstance(said, str) or not said.isprintable() or refused_characters(said):
        return ""
    return f": {said[:LONGEST]}"
