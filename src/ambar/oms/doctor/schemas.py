"""Wire shapes of the doctor."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from ambar.kit import rest

Text = Annotated[str, Field(max_length=1024, pattern=r"^[^\x00]*$")]


class GivenBody(rest.Body):
    """What a person lends the doctor to mend with; nothing of it is kept but what a setting or a hook is made of."""

    oms_url: Text = ""
    omnitron_url: Text = ""
    omnitron_username: Text = ""
    omnitron_password: Text = ""
    seller_center_url: Text = ""
    seller_center_token: Text = ""
    seller_center_admin_token: Text = ""
    supplier_code: Text = ""
    hook_secret: Text = ""
    former_hooks: Literal["", "off", "keep"] = ""


class FixBody(rest.Body):
    """`finding`: the name of one; without it all that have a remedy are mended."""

    finding: Annotated[str, Field(min_length=1, max_length=200, pattern=r"^[^\x00]*$")] | None = None
    given: GivenBody = GivenBody()
