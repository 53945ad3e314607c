"""The employer's roster: who may apply now and who soon, one entry with its invitation, who leaves the list."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from django.conf import settings
from django.contrib import messages
from django.db.models import Count, Q
from django.http import Http404
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from chuding.accounts.masking import mask_identity, mask_phone
from chuding.accounts.people import employers_of
from chuding.applications.models import Application
from chuding.applications.roster.columns import told_rows
from chuding.applications.roster.models import EmployerStaff
from chuding.applications.roster.prospects import assumption, prospect_of
from chuding.applications.services import invitations, staff
from chuding.applications.views.desk_filters import plain_words
from chuding.applications.views.employer_unit import unit_of, unit_tabs
from chuding.applications.workflow import LIVE, Declined, State
from chuding.notices.shelf import current
from chuding.storage.clock import now, today
from chuding.storage.paginate import keyset_page

if TYPE_CHECKING:
    from datetime import date

    from django.db.models import QuerySet
    from django.http import HttpResponse

    from chuding.accounts.models import Employer
    from chuding.applications.views.desk_access import StaffRequest

PAGE_SIZE = 25
SOON = timedelta(days=15)
_LONGEST_NAME = 40
_OPEN = Q(claimed_at__isnull=True, declined_at__isnull=True)


@dataclass(frozen=True)
class View:
    """One view of the roster and the order of its rows."""

    key: str
    text: str
    which: Q
    order: tuple[str, ...]
    empty: str


def _views(day: date) -> tuple[View, ...]:
    late = Q(first_on__isnull=True) | Q(awaits=True, first_on__lte=day)
    return (
        View("now", "现在可以申报", _OPEN & Q(first_on__lte=day, awaits=False), ("first_on", "id"), "现在没有可以申报的人"),
        View("soon", "15天内可以", _OPEN & Q(first_on__gt=day, first_on__lte=day + SOON), ("first_on", "id"), "今后15天内没有人满足条件"),
        View("later", "以后可以", _OPEN & Q(first_on__gt=day + SOON), ("first_on", "id"), "没有以后才满足条件的人"),
        View("open", "还缺信息", _OPEN & late, ("id",), "没有缺信息的人"),
        View("done", "已认领或谢绝", ~_OPEN, ("id",), "还没有人认领"),
    )  # fmt: skip


def _view_called(views: tuple[View, ...], key: str | None) -> View:
    return next((each for each in views if each.key == key), views[0])


def _named(people: QuerySet[EmployerStaff], wanted: str) -> View:
    """Everybody with this in their name, whenever they may apply; names are enciphered, so the unit's own are read through."""
    found = [key for key, name in people.values_list("pk", "full_name") if wanted in name]
    return View("", f"姓名里有“{wanted}”的人", Q(pk__in=found), ("id",), f"名单里没有姓名带“{wanted}”的人")


@require_safe
def home(request: StaffRequest) -> HttpResponse:
    """The list, by when people may apply."""
    employer, units = unit_of(request)
    notice, day = current(now()), today()
    views = _views(day)
    people = EmployerStaff.objects.filter(employer=employer)
    wanted = plain_words(request.GET.get("name", ""))[:_LONGEST_NAME]
    view = _named(people, wanted) if wanted else _view_called(views, request.GET.get("tab"))
    counts = people.aggregate(
        **{each.key: Count("id", filter=each.which) for each in views},
        stale=Count("id", filter=_OPEN & ~Q(notice_digest=notice.digest)),
    )
    page = keyset_page(people.filter(view.which), order=view.order, after=request.GET.get("after"), size=PAGE_SIZE)
    address = reverse("employer_staff")
    context = {
        "employer": employer,
        "units": unit_tabs(units, employer, address),
        "view": view,
        "tabs": [
            {
                "href": f"{address}?{urlencode({'tab': each.key})}",
                "text": each.text,
                "count": counts[each.key],
                "current": each == view,
            }
            for each in views
        ],
        "soon": counts["soon"],
        "stale": counts["stale"],
        "listed": sum(counts[each.key] for each in views),
        "page": page,
        "rows": _rows(page.rows, employer, day),
        "name": wanted,
        "query": urlencode({"name": wanted} if wanted else {"tab": view.key}),
        "assumption": assumption(current(now()), freelance=employer.speaks_for_freelancers),
    }
    return render(request, "applications/employer/staff.html", context)


def _rows(people: list[EmployerStaff], employer: Employer, day: date) -> list[dict[str, Any]]:
    """Each with what the engine says today, and where a submitted file of theirs stands."""
    notice = current(now())
    files = Application.objects.filter(
        employer=employer,
        notice_id=notice.id,
        submitted_at__isnull=False,
        state__in=sorted(LIVE - {State.DRAFT}),
        identity_index__in=[person.identity_index for person in people],
    ).only("identity_index", "state", "ref")
    by_index = {file.identity_index: file for file in files}
    rows, freelance = [], employer.speaks_for_freelancers
    for person in people:
        declared = person.declared
        prospect = None if person.declined_at else prospect_of(notice, declared, day, freelance=freelance)
        file = by_index.get(person.identity_index)
        rows.append(
            {
                "person": person,
                "post": declared.get("post", ""),
                "schooling": "、".join(word for key in ("schooling", "degree") if (word := declared.get(key))),
                "prospect": prospect,
                "now": prospect is not None and prospect.now(day),
                "file": file,
                "invitable": file is None and person.claimed_at is None and person.declined_at is None,
            }
        )
    return rows


def _entry(request: StaffRequest, ref: str) -> EmployerStaff:
    found = (
        EmployerStaff.objects.filter(ref=ref, employer__in=employers_of(request.user).order_by())
        .select_related("employer")
        .first()
    )
    if found is None:
        raise Http404
    return found


@require_safe
def entry(request: StaffRequest, ref: str) -> HttpResponse:
    """One person: what the unit typed, what the engine makes of it, and an invitation to pass on."""
    person = _entry(request, ref)
    notice, day = current(now()), today()
    declared, freelance = person.declared, person.employer.speaks_for_freelancers
    rows = [
        {"key": "姓名", "value": person.full_name},
        {"key": "证件号码", "value": mask_identity(person.identity_number)},
        {"key": "手机号", "value": mask_phone(person.phone)},
        *told_rows(declared),
    ]
    context = {
        "person": person,
        "rows": rows,
        "prospect": None if person.declined_at else prospect_of(notice, declared, day, freelance=freelance),
        "prospect_now": False,
        "assumption": assumption(notice, freelance=freelance),
        "link": f"{settings.PUBLIC_ADDRESS}{reverse('claim', args=[person.claim_token])}",
        "open": person.claimed_at is None and person.declined_at is None,
    }
    return render(request, "applications/employer/staff_entry.html", context)


def _invite_all(request: StaffRequest, employer: Employer) -> HttpResponse:
    """Everybody of a view who may be invited now, the first two hundred, to be confirmed by their names."""
    views = _views(today())
    view = _view_called(views, request.POST.get("tab"))
    people = invitations.may_be_invited(employer, notice=current(now()), at=now()).filter(view.which)
    chosen = list(people.order_by(*view.order)[: invitations.MOST_AT_ONCE])
    if not chosen:
        messages.info(request, "这一栏里没有可以邀请的人：都已经邀请、认领或者申报了。")
        return redirect(f"{reverse('employer_staff')}?{urlencode({'tab': view.key})}")
    context = {"employer": employer, "view": view, "people": chosen, "left": people.count() - len(chosen)}
    return render(request, "applications/employer/invite_all.html", context)


@require_POST
def invite(request: StaffRequest) -> HttpResponse:
    """Text the invitation to those who are ticked; with `what=all` first list everybody of the view."""
    employer, _ = unit_of(request)
    if request.POST.get("what") == "all":
        return _invite_all(request, employer)
    back = redirect(f"{reverse('employer_staff')}?{urlencode({'tab': request.POST.get('tab', 'now')})}")
    try:
        done = invitations.invite(
            employer=employer,
            refs=request.POST.getlist("refs"),
            notice=current(now()),
            by=request.user,
            at=now(),
        )
    except Declined as refusal:
        messages.error(request, refusal.sentence)
        return back
    words = [f"已发送{done.sent}条邀请短信。"]
    if done.too_soon:
        words.append(f"{done.too_soon}人24小时内已经邀请过，没有重复发送。")
    if done.not_open:
        words.append(f"{done.not_open}人已认领、已申报或已谢绝，没有发送。")
    messages.success(request, "".join(words))
    return back


@require_POST
def remove(request: StaffRequest, ref: str) -> HttpResponse:
    """Take one off the list."""
    person = _entry(request, ref)
    try:
        staff.remove_staff(ref=ref, by=request.user, at=now())
    except Declined as refusal:
        messages.error(request, refusal.sentence)
    else:
        messages.success(request, f"已把{person.full_name}移出名单，单位填写的内容已删除。")
    return redirect("employer_staff")


@require_POST
def reckon(request: StaffRequest) -> HttpResponse:
    """Ask the law engine again after the notice has changed."""
    employer, _ = unit_of(request)
    try:
        count = staff.reckon_staff(employer=employer, notice=current(now()), by=request.user, at=now(), on=today())
    except Declined as refusal:
        messages.error(request, refusal.sentence)
    else:
        messages.success(request, f"已按现行通知重新核对{count}人。")
    return redirect("employer_staff")
