"""WSGI entry of the OMS (`ambar.oms.wsgi:application`)."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "ambar.oms.settings")
application = get_wsgi_application()
