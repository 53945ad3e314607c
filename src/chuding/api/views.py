"""The law engine over HTTP: notices, one notice, its catalogue, and the verdict on one person. Nothing is stored.

Requests carry no cookie that counts: no session is looked at, nobody is signed in, nothing changes, so there is nothing
that a forged request could do in somebody's name; that is why no CSRF token is asked here and nowhere else.
"""

from __future__ import annotations

import json
from functools import cache, wraps
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from ninja import NinjaAPI
from ninja.errors import ValidationError
from ninja.renderers import JSONRenderer

from chuding.accounts.address import address_of
from chuding.accounts.services import SignInProblem, count_public_try
from chuding.api.limits import BODY_LIMIT, RETRY_AFTER, TRIES_PER_ADDRESS
from chuding.api.shapes import FACTS_BODY, CatalogueAnswer, Heading, Problem, ReportAnswer, WholeNotice
from chuding.applications.views import public
from chuding.notices.shelf import held
from chuding.policy.assess import assess
from chuding.policy.facts import FactsError, read_facts
from chuding.policy.notice_json import heading_of, whole_of
from chuding.policy.records import read_records
from chuding.storage.clock import now

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from chuding.policy.notice import Notice

_FAULTS: dict[int, Any] = {404: Problem, 429: Problem}


class _Readable(JSONRenderer):
    """Chinese stands in the answer as itself; half a surrogate pair that a caller sent comes back as JSON's escape."""

    json_dumps_params: Mapping[str, Any] = MappingProxyType({"ensure_ascii": False})

    def render(self, request: HttpRequest, data: Any, *, response_status: int) -> bytes:
        text: str = super().render(request, data, response_status=response_status)
        return text.encode("utf-8", "backslashreplace")


api = NinjaAPI(
    renderer=_Readable(),
    title="初定 Chuding",
    version="1",
    description="通知即数据：列出通知、查专业目录、对照通知判断一个人能否初定。不存任何数据，不需要登录，按网络限次。",
    openapi_url=None,
    docs_url=None,
    urls_namespace="chuding_api",
)


class Refusal(Exception):  # noqa: N818 - it is an answer, not a fault of ours
    """An answer other than 200, in the contract's words."""

    def __init__(self, status: int, field: str, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.field = field
        self.message = message


def problem(status: int, field: str, message: str) -> JsonResponse:
    """`{"error": {"field", "message"}}`."""
    text = message.encode("utf-8", "backslashreplace").decode("utf-8")
    return JsonResponse(
        {"error": {"field": field, "message": text}}, status=status, json_dumps_params={"ensure_ascii": False}
    )


@api.exception_handler(Refusal)
def _refused(_request: HttpRequest, refusal: Refusal) -> HttpResponse:
    return problem(refusal.status, refusal.field, refusal.message)


@api.exception_handler(ValidationError)
def _misread(_request: HttpRequest, error: ValidationError) -> HttpResponse:
    first = error.errors[0]
    return problem(422, str(first["loc"][-1]), str(first["msg"]))


def _notice(identifier: str) -> Notice:
    known = held(now())
    if identifier not in known:
        raise Refusal(404, "notice", f"没有这个通知；现有：{'、'.join(known)}")
    return known[identifier]


@api.get("notices", url_name="api_notices", response={200: list[Heading], 429: Problem}, summary="列出通知")
def notices(request: HttpRequest) -> Any:  # noqa: ARG001 - Ninja calls by this name
    """The notices at hand."""
    return [heading_of(each) for each in held(now()).values()]


@api.get(
    "notices/{identifier}", url_name="api_notice", response={200: WholeNotice, **_FAULTS}, summary="一个通知的全部"
)
def notice(request: HttpRequest, identifier: str) -> Any:  # noqa: ARG001
    """Clauses, rows, gates, readings, materials, catalogue, window, levels, authorities."""
    return whole_of(_notice(identifier))


@api.get(
    "notices/{identifier}/catalogue",
    url_name="api_catalogue",
    response={200: CatalogueAnswer, 422: Problem, **_FAULTS},
    summary="专业目录",
)
def catalogue(request: HttpRequest, identifier: str, q: str = "") -> Any:  # noqa: ARG001
    """The catalogue; with `q`, also the choices whose name, path or initials of pinyin match, best first, at most 20."""
    choices = _notice(identifier).catalogue
    if "\0" in q:
        raise Refusal(422, "q", "查找的词里有不能用的字符，请改正")
    found = [{"path": choice.path, "label": choice.label} for choice in choices.search(q)] if q.strip() else None
    return {"catalogue": choices.tree(), "found": found}


@api.post(
    "notices/{identifier}/assess",
    url_name="api_assess",
    response={200: ReportAnswer, 413: Problem, 422: Problem, **_FAULTS},
    by_alias=True,
    exclude_unset=True,
    openapi_extra=FACTS_BODY,
    summary="对照通知判断一个人",
)
def assess_one(request: HttpRequest, identifier: str) -> Any:
    """What `chuding assess --json` prints: per level yes, no or unknown, from when, by which clause, what is missing."""
    asked = _notice(identifier)
    if len(request.body) > BODY_LIMIT:
        raise Refusal(413, "", f"一次只判断一个人，内容不超过 {BODY_LIMIT // 1024} KB")
    try:
        records = list(read_records(request.body.decode("utf-8-sig")))
        if len(records) != 1:
            raise Refusal(422, "", "应当是一个 JSON 对象（花括号）")
        if records[0].fault is not None:
            raise Refusal(422, "", records[0].fault)
        return assess(asked, read_facts(records[0].value)).to_json()
    except UnicodeDecodeError:
        raise Refusal(422, "", "不是 UTF-8 编码") from None
    except FactsError as error:
        raise Refusal(422, error.field, error.message) from None


@cache
def _document() -> bytes:
    """The OpenAPI document of this API: worked out once a process, as nothing in it changes."""
    return json.dumps(api.get_openapi_schema(path_prefix="/api/"), ensure_ascii=False).encode()


def openapi(_request: HttpRequest) -> HttpResponse:
    """The OpenAPI document of this API."""
    return HttpResponse(_document(), content_type="application/json")


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """The site's 404: in the API's words under /api/, the page elsewhere."""
    if request.path.startswith("/api/"):
        return problem(404, "", "没有这个地址；有哪些见 /api/openapi.json")
    return public.not_found(request, exception)


def at_the_door(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Count the request against its network before anything is done for it; HEAD is GET without the body."""

    @wraps(view)
    def asked(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            count_public_try(address=address_of(request), kind="api", rules=TRIES_PER_ADDRESS, at=now())
        except SignInProblem as refused:
            waits = problem(429, "", refused.sentence)
            waits["Retry-After"] = str(getattr(refused.sentence, "seconds", RETRY_AFTER))
            return waits
        method = request.method
        request.method = "GET" if method == "HEAD" else method
        try:
            answer = view(request, *args, **kwargs)
        finally:
            request.method = method  # whoever strips the body looks at it
        if answer.status_code == 405:
            answer.content = b""  # Allow says it all
        return answer

    return asked
