"""Small line icons, drawn for this product on a 16 x 16 grid."""

from collections.abc import Mapping

from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

PATHS: Mapping[str, str] = {
    "home": "M2 7.5 8 2.5l6 5M3.5 6.5v7h9v-7M6.5 13.5v-4h3v4",
    "orders": "M3.5 2h9v12l-1.5-1-1.5 1L8 13l-1.5 1L5 13l-1.5 1zM6 5.5h4M6 8.5h4",
    "package": "M2 5 8 2l6 3v6l-6 3-6-3zM2 5l6 3 6-3M8 8v6M5 3.5l6 3",
    "location": "M8 14C5 10.8 3.5 8.6 3.5 6.5a4.5 4.5 0 0 1 9 0C12.5 8.6 11 10.8 8 14zM8 8a1.5 1.5 0 1 0 0-3 1.5 1.5 0 0 0 0 3z",
    "stock": "M8 2 14 5 8 8 2 5zM2 8l6 3 6-3M2 11l6 3 6-3",
    "webhook": "M3 11.5a5 5 0 0 1 0-7M13 4.5a5 5 0 0 1 0 7M5.2 9.8a2.6 2.6 0 0 1 0-3.6M10.8 6.2a2.6 2.6 0 0 1 0 3.6M8 8h.01",
    "log": "M3 3.5h10M3 8h10M3 12.5h6",
    "quarantine": "M8 2.5 14.5 13.5h-13zM8 6.5v3M8 11.6h.01",
    "settings": "M2 4.5h6M11.5 4.5H14M2 11.5h2.5M8 11.5h6M9.75 6.25a1.75 1.75 0 1 0 0-3.5 1.75 1.75 0 0 0 0 3.5zM6.25 13.25a1.75 1.75 0 1 0 0-3.5 1.75 1.75 0 0 0 0 3.5z",
    "setup": "M3 3h4v4H3zM9 9h4v4H9zM11 3v4M9 5h4M5 9v4M3 11h4",
    "doctor": "M1.5 8.5h3l1.5-4 3 7.5 1.8-5 1 1.5h2.7",
    "channel": "M8 3v3M8 6 3.5 9.5M8 6l4.5 3.5M8 3a.8.8 0 1 0 0-1.6A.8.8 0 0 0 8 3zM2.5 10h2v3h-2zM11.5 10h2v3h-2zM7 10h2v3H7zM8 6v4",
    "product": "M2.5 2.5h5.5l5.5 5.5-5.5 5.5L2.5 8zM5.3 5.3h.01",
    "store": "M2.5 6.5 3.5 2.5h9l1 4M2.5 6.5a1.8 1.8 0 0 0 3.6 0 1.9 1.9 0 0 0 3.8 0 1.8 1.8 0 0 0 3.6 0M3.5 8.3v5.2h9V8.3M6.5 13.5v-3h3v3",
    "seller": "M8 8a2.75 2.75 0 1 0 0-5.5A2.75 2.75 0 0 0 8 8zM2.8 13.5c.6-2.4 2.6-3.7 5.2-3.7s4.6 1.3 5.2 3.7",
    "search": "M7 11.5a4.5 4.5 0 1 0 0-9 4.5 4.5 0 0 0 0 9zM10.3 10.3 14 14",
    "copy": "M5.5 5.5h8v8h-8zM3.5 10.5h-1v-8h8v1",
    "down": "M4 6.5 8 10.5l4-4",
    "left": "M10 3.5 5.5 8l4.5 4.5",
    "right": "M6 3.5 10.5 8 6 12.5",
    "collapse": "M2.5 2.5h11v11h-11zM6 2.5v11M10.8 6.3 9 8l1.8 1.7",
    "out": "M9.5 2.5h-6v11h6M7 8h7M11.5 5.5 14 8l-2.5 2.5",
    "close": "M4.5 4.5l7 7M11.5 4.5l-7 7",
    "info": "M8 14A6 6 0 1 0 8 2a6 6 0 0 0 0 12zM8 7.5v3.5M8 5h.01",
    "done": "M8 14A6 6 0 1 0 8 2a6 6 0 0 0 0 12zM5.3 8.2l2 2 3.5-4",
    "lock": "M3.5 7.5h9v6h-9zM5.5 7.5v-2a2.5 2.5 0 0 1 5 0v2",
    "truck": "M1.5 4h8v7h-8zM9.5 6.5h3l2 2.5v2h-5zM4.5 13a1.4 1.4 0 1 0 0-2.8 1.4 1.4 0 0 0 0 2.8zM11.7 13a1.4 1.4 0 1 0 0-2.8 1.4 1.4 0 0 0 0 2.8z",
    "again": "M13 8a5 5 0 1 1-1.6-3.7M13.2 2v3h-3",
    "play": "M5 3.5v9l7-4.5z",
    "why": "M8 14A6 6 0 1 0 8 2a6 6 0 0 0 0 12zM6.2 6.3a1.9 1.9 0 1 1 2.6 1.9c-.6.3-.8.6-.8 1.2M8 11.3h.01",
    "try": "M6 2.5h4M6.8 2.5v4L3.2 12.4a.9.9 0 0 0 .8 1.3h8a.9.9 0 0 0 .8-1.3L9.2 6.5v-4M5 10.2h6",
    "scenario": "M3.5 2.5h4v3h-4zM8.5 10.5h4v3h-4zM5.5 5.5V12h3M5.5 8h3M8.5 6.5h4v3h-4z",
    "transfer": "M2 5.5h10M9.5 3 12 5.5 9.5 8M14 10.5H4M6.5 8 4 10.5 6.5 13",
    "cost": "M8 14A6 6 0 1 0 8 2a6 6 0 0 0 0 12zM9.9 6.2c-.3-.7-1-1.1-1.9-1.1-1.1 0-1.9.6-1.9 1.4 0 2 3.9 1 3.9 3 0 .9-.8 1.5-2 1.5-1 0-1.8-.5-2-1.2M8 4v1.1M8 11v1.1",
    "engine": "M4.5 2.5h7v11h-7zM6.5 5h3M6.5 7.5h3M2 5h2.5M2 11h2.5M11.5 5H14M11.5 11H14",
    "file": "M4 2h5l3 3v9H4zM9 2v3h3M6 8.5h4M6 11h4",
    "up": "M4 9.5 8 5.5l4 4",
    "plus": "M8 3v10M3 8h10",
    "trash": "M3 4.5h10M6 4.5v-2h4v2M4.5 4.5l.6 9h5.8l.6-9M6.8 7v4M9.2 7v4",
    "scan": "M2.5 5V2.5H5M11 2.5h2.5V5M13.5 11v2.5H11M5 13.5H2.5V11M5 5.5v5M7 5.5v5M9 5.5v5M11 5.5v5",
    "parcel": "M2.5 5h11v8.5h-11zM2.5 5 4 2.5h8L13.5 5M8 2.5V8M6.5 8h3",
    "grip": "M6 3v.1M6 8v.1M6 13v.1M10 3v.1M10 8v.1M10 13v.1",
    "view": "M2.5 3h11M4.5 8h7M6.5 13h3",
    "columns": "M2.5 3h11v10h-11zM6.2 3v10M9.8 3v10",
    "many": "M2.5 4h7M2.5 8h7M2.5 12h7M11.5 4l1 1 2-2.2M11.5 8l1 1 2-2.2M11.5 12l1 1 2-2.2",
    "cancel": "M8 14A6 6 0 1 0 8 2a6 6 0 0 0 0 12zM3.8 3.8l8.4 8.4",
    "carrier": "M1.5 5.5h8v5h-8zM9.5 7h3l2 2v1.5h-5zM4.3 12.5a1.2 1.2 0 1 0 0-2.4 1.2 1.2 0 0 0 0 2.4zM11.9 12.5a1.2 1.2 0 1 0 0-2.4 1.2 1.2 0 0 0 0 2.4zM2 3.2h5",
    "states": "M2 3h4v3H2zM10 6.5h4v3h-4zM2 10h4v3H2zM6 4.5h2v7H6M8 8h2",
    "reason": "M2.5 3h11v7.5H7L4.5 13v-2.5h-2zM5 5.8h6M5 8h4",
    "history": "M3 8a5 5 0 1 1 1.6 3.7M2.8 14v-3h3M8 5.2V8l2 1.4",
}


def draw(name: str) -> SafeString:
    """An icon; decorative, so hidden from screen readers."""
    path = mark_safe(PATHS.get(name, PATHS["info"]))  # noqa: S308 - our own constant
    return format_html('<svg class="icon" viewBox="0 0 16 16" aria-hidden="true"><path d="{}"/></svg>', path)
