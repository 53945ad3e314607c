"""WSGI entry point for granian or any other server."""

import os
from importlib import import_module

from django.core.wsgi import get_wsgi_application
from django.urls import get_resolver

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "chuding.settings")
application = get_wsgi_application()
# Load every page's code before the first visitor comes, not while they wait.
assert get_resolver().url_patterns
import_module("chuding.notices.shelf").read_ahead()
