"""WSGI entry point for granian or any other server."""

import os
from importlib import import_module
from threading import Event

from django.core.wsgi import get_wsgi_application
from django.urls import get_resolver

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "chuding.settings")
application = get_wsgi_application()
# Load every page's code before the first visitor comes, not while they wait.
assert get_resolver().url_patterns
# And what they would have to wait for: which notice is in force.
import_module("chuding.notices.shelf").keep_reading(Event())
