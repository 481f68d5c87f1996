"""Stock over REST: figures in, availability, balances, reservations, engines, files and the standing check."""

from ambar.kit import rest
from ambar.oms.stock.api import availability, balances, books, engines, files

router = rest.Router()
for _part in (balances, availability, engines, files, books):
    router.add_router("", _part.router)
