"""The WSGI application of the Seller Center, served by granian."""

from ambar.kit import deployment

application = deployment.wsgi("seller_center")
