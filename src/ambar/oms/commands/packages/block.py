"""Akinon OMS: Block the Package For Action."""

from __future__ import annotations

from typing import Annotated, cast

from pydantic import Field

from ambar.kit import rest
from ambar.oms.commands.batch import Batch
from ambar.oms.commands.registry import Command
from ambar.oms.states.domain.codes import PackageStatus
from ambar.oms.states.domain.fits import pairs

BLOCKABLE = (
    PackageStatus.WAITING,
    PackageStatus.WAITING_REMOTE_ACTION,
    PackageStatus.PREPARING,
    PackageStatus.READY_FOR_PACKAGING,
)


class BlockParameters(rest.Body):
    """`user`: who asks, as the caller knows them; `token` is accepted and not stored."""

    user: Annotated[str, Field(min_length=1, max_length=128)] | None = None
    token: Annotated[str, Field(max_length=512)] | None = None


def run(batch: Batch) -> None:
    """Blocked; reservations stay, the former state is kept for Unblock."""

    def who(package: object) -> dict[str, str]:
        user = cast(BlockParameters, batch.parameters[package.id]).user  # type: ignore[attr-defined]
        return {"remote_user_pk": user} if user else {}

    batch.move(attributes=who)


COMMAND = Command(
    code="BlockThePackageCommand",
    kind="package",
    title="Block the Package For Action",
    pairs=pairs(BLOCKABLE, [PackageStatus.BLOCKED]),
    parameters=BlockParameters,
    run=run,
)
