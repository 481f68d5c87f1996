"""The receiver's web tier."""

import os

os.environ["DJANGO_SETTINGS_MODULE"] = "tests.outbox_project.receiver_settings"

from django.core.wsgi import get_wsgi_application

application = get_wsgi_application()
