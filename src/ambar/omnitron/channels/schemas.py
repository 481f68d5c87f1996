"""Wire shapes of channels and carriers that callers send."""

from typing import Annotated, Any

from pydantic import Field

from ambar.kit import rest
from ambar.omnitron.wire import Key

Name = Annotated[str, Field(min_length=1, max_length=255)]


class ChannelPatch(rest.OpenBody):
    name: Name = ""
    channel_type: Annotated[str, Field(min_length=1, max_length=64)] = "web"
    catalog: Key | None = None
    category_tree: Key | None = None
    conf: dict[str, Any] = {}
    schema_: Annotated[dict[str, Any], Field(alias="schema")] = {}
    is_active: bool = True


class ChannelIn(ChannelPatch):
    name: Name


class CargoIn(rest.OpenBody):
    name: Name
    erp_code: Annotated[str, Field(min_length=1, max_length=128)]
    shipping_company: Annotated[str, Field(min_length=1, max_length=64)]
