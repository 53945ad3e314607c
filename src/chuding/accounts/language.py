"""The language of a page: chosen by a button at its top, kept in a cookie; what was typed is kept when it changes.

The button belongs to the page's own form (`id="answers"`, see partials/header.html) and posts it to the page's own
address. Nothing is saved and nothing is judged: the page is drawn again as if it had just been opened, in the other
language, with what was typed.
"""

from __future__ import annotations

from contextvars import ContextVar
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.forms.boundfield import BoundField
from django.forms.renderers import TemplatesSetting
from django.http import HttpResponseRedirect, QueryDict
from django.utils import translation
from django.utils.cache import patch_vary_headers
from django.utils.datastructures import MultiValueDict

from chuding.accounts.roles import MATRIX, Role

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.http import HttpRequest
    from django.http.response import HttpResponseBase

SWITCH = "switch_language"
# How each language names itself in the head of the page, and its tag in HTML.
SELF_NAMES = {"zh-hans": "简体", "zh-hant": "繁體", "en": "English"}
TAGS = {"zh-hans": "zh-Hans", "zh-hant": "zh-Hant", "en": "en"}
# Whoever may open a page only by office works in Chinese.
_READERS = frozenset({Role.ANYONE, Role.APPLICANT})
_TYPED: ContextVar[QueryDict | None] = ContextVar("typed", default=None)


def typed() -> QueryDict | None:
    """What stood in the page's form when the language was changed, while that page is drawn again; else None."""
    return _TYPED.get()


class LanguageMiddleware:
    """Speaks the language of the cookie, or Chinese; the browser's own list does not choose the legal text's language."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        kept = request.COOKIES.get(settings.LANGUAGE_COOKIE_NAME)
        token = _TYPED.set(None)
        try:
            with translation.override(kept if kept in SELF_NAMES else settings.LANGUAGE_CODE):
                request.language_switch = True  # type: ignore[attr-defined]
                response = self._get_response(request)
                spoken = str(translation.get_language())
                response = _kept(response, spoken) if typed() is not None else response
        finally:
            _TYPED.reset(token)
        response.headers.setdefault("Content-Language", TAGS[spoken])
        patch_vary_headers(response, ("Cookie",))
        return response

    def process_view(self, request: HttpRequest, _view: Callable[..., Any], _args: Any, _kwargs: Any) -> None:
        """Keep the offices' pages Chinese; turn a press of the switch into a fresh look at the page."""
        name = request.resolver_match.view_name if request.resolver_match else ""
        if not MATRIX.get(name, _READERS) & _READERS:
            request.language_switch = False  # type: ignore[attr-defined]
            translation.activate(settings.LANGUAGE_CODE)
        if request.method != "POST" or request.content_type != "application/x-www-form-urlencoded":
            return
        wanted = request.POST.get(SWITCH)
        if wanted not in SELF_NAMES:
            return
        _TYPED.set(request.POST)
        translation.activate(wanted)
        request.method = request.META["REQUEST_METHOD"] = "GET"
        request.POST = QueryDict()


def _kept(response: HttpResponseBase, language: str) -> HttpResponseBase:
    """Keep the choice; a page that only takes forms cannot be looked at, so that the front page is shown."""
    if response.status_code == HTTPStatus.METHOD_NOT_ALLOWED:
        response = HttpResponseRedirect("/")
    response.set_cookie(
        settings.LANGUAGE_COOKIE_NAME,
        language,
        max_age=365 * 86400,
        secure=settings.SECURE,
        httponly=True,
        samesite="Lax",
    )
    return response


class TypedBoundField(BoundField):
    """A field that shows what was typed before the language changed."""

    def value(self) -> Any:
        """What was typed, else what any form shows."""
        text = typed()
        if text is None or not _is_of(text, self.form.prefix, list(self.form.fields)):
            return super().value()
        widget, no_files = self.field.widget, MultiValueDict[str, Any]()
        if widget.value_omitted_from_data(text, no_files, self.html_name):
            return super().value()
        return self.field.prepare_value(widget.value_from_datadict(text, no_files, self.html_name))


def _is_of(text: QueryDict, prefix: str | None, names: list[str]) -> bool:
    """Whether the typed text is of this form: an unticked box leaves no trace, so that one other field must be there."""
    wanted = {f"{prefix}-{name}" if prefix else name for name in names}
    return any(key in wanted or key.rpartition("_")[0] in wanted for key in text)


class TypedRenderer(TemplatesSetting):
    """Django's renderer over our templates, with fields that keep what was typed."""

    bound_field_class = TypedBoundField
