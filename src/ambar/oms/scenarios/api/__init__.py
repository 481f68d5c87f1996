"""Scenarios over REST: one file per resource, one router."""

from ambar.oms.scenarios.api import conditions, costs, distribution, linting, transfers
from ambar.oms.scenarios.api.router import router

__all__ = ["conditions", "costs", "distribution", "linting", "router", "transfers"]
