"""Addresses of the HTTP API, under /api/."""

from __future__ import annotations

from django.urls import URLPattern, path
from django.views.decorators.http import require_safe

from chuding.api.views import api, at_the_door, openapi

urlpatterns = [
    path("openapi.json", at_the_door(require_safe(openapi)), name="api_openapi"),
    # Ninja's own patterns by their plain names, which the matrix of roles knows; its root page says nothing.
    *(
        path(str(pattern.pattern), at_the_door(pattern.callback), name=pattern.name)
        for pattern in api.urls[0]
        if isinstance(pattern, URLPattern) and pattern.name != "api-root"
    ),
]
