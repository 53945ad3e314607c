"""What people say of the service: the sums, and bad grades that wait for an answer."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib import messages
from django.db.models import Count
from django.http import Http404
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from chuding.applications.aftercare_models import Grade, Rating
from chuding.applications.services.aftercare import BAD, answer_rating
from chuding.applications.workflow import Declined
from chuding.storage.clock import now
from chuding.storage.paginate import keyset_page

if TYPE_CHECKING:
    from django.http import HttpResponse

    from chuding.applications.views.desk_access import StaffRequest

PAGE_SIZE = 25


@require_safe
def ratings(request: StaffRequest) -> HttpResponse:
    """The five grades, what waits for an answer (the oldest first), and the latest words."""
    counts = dict(Rating.objects.values_list("grade").annotate(n=Count("id")))
    total = sum(counts.values())
    waiting = Rating.objects.filter(grade__in=BAD, answered_at__isnull=True).select_related("application")
    page = keyset_page(waiting, order=("rated_at", "id"), after=request.GET.get("after"), size=PAGE_SIZE)
    context = {
        "grades": [(Grade(grade).label, counts.get(grade, 0), _share(counts.get(grade, 0), total)) for grade in Grade],
        "total": total,
        "page": page,
        "rows": [(rating, "" if rating.anonymous else rating.application.number) for rating in page.rows],
        "latest": Rating.objects.exclude(comment="").order_by("-id")[:10],
    }
    return render(request, "applications/desk/ratings.html", context)


def _share(count: int, total: int) -> int:
    return round(100 * count / total) if total else 0


@require_POST
def answer(request: StaffRequest, number: int) -> HttpResponse:
    """Answer one bad grade."""
    try:
        answer_rating(rating_id=number, text=request.POST.get("answer", ""), by=request.user, at=now())
    except (Rating.DoesNotExist, OverflowError):
        raise Http404 from None
    except Declined as refusal:
        messages.error(request, refusal.sentence)
    else:
        messages.success(request, "已答复，并通知了评价人。")
    return redirect("desk_ratings")
