"""What anybody reads of publicity: the lists that are open, one list to print, and the way to object."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django import forms
from django.conf import settings
from django.http import Http404
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_safe

from chuding.accounts import limits
from chuding.accounts.address import address_of
from chuding.accounts.form_words import PlainWords
from chuding.accounts.services import SignInProblem, count_public_try
from chuding.decisions.models import Publicity
from chuding.decisions.services import publicity as services
from chuding.storage.clock import now, today

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse


class ObjectionForm(PlainWords, forms.Form):
    """Who objects, and why. What is right, the service says."""

    name = forms.CharField(label=_("您的姓名"), max_length=100)
    phone = forms.CharField(
        label=_("手机号"),
        max_length=30,
        help_text=_("工作人员核实时可能会打电话给您。姓名和手机号不公开。"),
        widget=forms.TextInput(attrs={"class": "input-20", "inputmode": "tel", "autocomplete": "tel"}),
    )
    text = forms.CharField(
        label=_("事实和理由"),
        max_length=services.LONGEST * 2,
        help_text=_("写清哪一项不属实、您怎么知道的。"),
        widget=forms.Textarea(attrs={"rows": 6}),
    )


def _private(response: HttpResponse) -> HttpResponse:
    """Names are shown for some days only: no search engine keeps them."""
    response["X-Robots-Tag"] = "noindex, noarchive"
    response["Cache-Control"] = "no-store"
    return response


@require_safe
def lists(request: HttpRequest) -> HttpResponse:
    """Every list that is open."""
    found = Publicity.objects.filter(last_on__gte=today()).order_by("last_on", "id")
    rows = [(each, settings.OFFICE_NAMES[each.office], each.entries.filter(struck_at=None).count()) for each in found]
    return _private(render(request, "decisions/publicity/lists.html", {"rows": rows}))


@require_safe
def one_list(request: HttpRequest, ref: str) -> HttpResponse:
    """One list as long as it is open; afterwards only that it is over, and nobody's name."""
    found = Publicity.objects.filter(ref=ref).first()
    if found is None:
        raise Http404
    shown = services.is_open(found, today())
    context = {
        "publicity": found,
        "office_name": settings.OFFICE_NAMES[found.office],
        "shown": shown,
        "rows": services.public_rows(found) if shown else [],
    }
    return _private(render(request, "decisions/publicity/list.html", context))


@require_http_methods(["GET", "HEAD", "POST"])
def object_to(request: HttpRequest, ref: str, position: int) -> HttpResponse:
    """Object to one person, by name and with a reason."""
    found = Publicity.objects.filter(ref=ref).first()
    if found is None or not services.is_open(found, today()):
        raise Http404
    row = next((each for each in services.public_rows(found) if each.position == position), None)
    if row is None:
        raise Http404
    form = ObjectionForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid() and _taken(request, form, ref, position):
        return _private(render(request, "decisions/publicity/objected.html", {"row": row, "publicity": found}))
    context = {"row": row, "publicity": found, "form": form}
    page = render(request, "decisions/publicity/object.html", context, status=422 if form.errors else 200)
    return _private(page)


def _taken(request: HttpRequest, form: ObjectionForm, ref: str, position: int) -> bool:
    """Whether the objection was taken; else the form says what is in the way."""
    at, values = now(), form.cleaned_data
    try:
        count_public_try(address=address_of(request), kind="objection", rules=limits.OBJECTIONS_PER_ADDRESS, at=at)
        said = services.Said(values["name"], values["phone"], values["text"])
        services.object_to(ref=ref, position=position, said=said, at=at)
    except SignInProblem as problem:
        form.add_error(None, problem.sentence)
        return False
    except services.ObjectionProblem as problem:
        form.add_error(problem.field, problem.sentence)
        return False
    return True
