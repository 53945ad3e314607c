"""A PDF that comes in parts: each is a request of its own, so that a dropped line costs one part and no second choice."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.http import Http404, JsonResponse
from django.utils.translation import gettext
from django.views.decorators.http import require_POST

from chuding.accounts.gate import GATE
from chuding.applications.services.drafting import may_change
from chuding.applications.translate import notice_of
from chuding.applications.views.applicant_pages import own_file
from chuding.storage.files import FileTooLarge
from chuding.storage.parts import Parts

if TYPE_CHECKING:
    from chuding.applications.views.applicant_pages import OwnRequest

# No part is larger, in bytes; upload.js sends half of it.
MOST = 512 * 1024


def owner_of(ref: str, code: str) -> str:
    """Whose parts they are: one item of one file, which only its applicant can open."""
    return f"{ref}/{code}"


@require_POST
def application_part(request: OwnRequest, ref: str, code: str) -> JsonResponse:
    """Take one part in: `key` names the file, `offset` where the part begins. Answers {"size"}: where to go on.

    {"problem"} where it makes no sense to go on.
    """
    with GATE.passage():
        application = own_file(request, ref)
        if code not in {rule.code for rule in notice_of(application).materials}:
            raise Http404
        if not may_change(application, "materials"):
            return JsonResponse({"problem": gettext("这份申报现在不能修改。请重新打开这一页。")}, status=422)
    part = request.FILES.get("part")
    if not isinstance(part, UploadedFile) or (part.size or 0) > MOST:
        return JsonResponse({"problem": gettext("这一部分没有传完整。请重新打开这一页，再选一次文件。")}, status=422)
    try:
        offset = int(request.POST.get("offset", ""))
        size = Parts(owner_of(ref, code)).add(request.POST.get("key", ""), offset, part.read(), settings.UPLOAD_LIMIT)
    except FileTooLarge as error:
        return JsonResponse({"problem": str(error)}, status=413)
    except ValueError:
        return JsonResponse({"problem": gettext("这一部分没有传完整。请重新打开这一页，再选一次文件。")}, status=422)
    return JsonResponse({"size": size})
