"""The room's router, which every file of this folder adds to."""

from ambar.kit import rest

router = rest.Router()
