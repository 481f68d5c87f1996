"""WSGI entry of Omnitron (`ambar.omnitron.wsgi:application`)."""

from ambar.kit.deployment import wsgi

application = wsgi("omnitron")
