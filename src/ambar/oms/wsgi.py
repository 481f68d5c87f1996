"""WSGI entry of the OMS (`ambar.oms.wsgi:application`)."""

from ambar.kit.deployment import wsgi

application = wsgi("oms")
