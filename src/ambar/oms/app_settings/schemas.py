"""Wire shapes of application settings."""

from typing import Any

from ambar.kit import rest


class NewSetting(rest.Body):
    """A setting to create."""

    key: str
    json_value: dict[str, Any]


class ChangedSetting(rest.Body):
    """A setting's new value; `key` may be repeated but not changed."""

    json_value: dict[str, Any]
    key: str | None = None
    id: int | None = None
