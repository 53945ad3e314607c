"""ASGI entry point; the shipped server is WSGI (it costs less on every page, see docs/performance.md)."""

import os

from django.core.asgi import get_asgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "chuding.settings")
application = get_asgi_application()
