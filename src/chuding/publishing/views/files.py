"""Whole files of a draft: the notice's text, the readings, the source for experts; and the catalogue by paste or XLSX."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from chuding.applications.workflow import Declined
from chuding.notices.shelf import load
from chuding.paper.sheets import SheetRefused, read_sheet
from chuding.paper.tables import CONTENT_TYPES, xlsx_of
from chuding.policy.anchors import anchored
from chuding.policy.catalogue import COLUMNS, read_catalogue
from chuding.policy.catalogue import FILE as CATALOGUE
from chuding.policy.notice import FILE
from chuding.policy.source import WORDS, NoticeError
from chuding.publishing import catalogue_input
from chuding.publishing.catalogue_input import CatalogueRefused
from chuding.publishing.services import drafts
from chuding.publishing.services.drafts import Edit, mark_of
from chuding.publishing.views.pages import beside, draft_of, frame, problems_of
from chuding.publishing.yaml_text import data_of
from chuding.storage.clock import now
from chuding.storage.files import store
from chuding.storage.scanning import NotClean, require_clean

if TYPE_CHECKING:
    from django.core.files.uploadedfile import UploadedFile

    from chuding.publishing.catalogue_input import CatalogueDiff
    from chuding.publishing.models import Draft
    from chuding.publishing.views.pages import AdministratorRequest

SHEET: Final = "专业目录"
ENGLISH: Final = f"{WORDS}en.yaml"
TRADITIONAL: Final = f"{WORDS}zh-hant.yaml"
_SHOWN: Final = 200
#: Every file that can be edited as a whole: its title, what it is, and whether it is for experts.
TEXTS: Final = {
    "notice.md": ("通知原文", "发文机关的原文，一个字也不改；每一条之前有一个锚点，别处用它来引用。", False),
    "readings.md": ("口径说明", "通知没有写明或者有两种读法之处：几种读法、取哪一种、为什么、谁在哪一天确认。", False),
    FILE: ("源文件：规则", "notice.yaml。写法见文档“adding-a-notice”。改这里和改表单是同一件事。", True),
    "cases.yaml": ("源文件：工作例", "cases.yaml。一行一个例子。", True),
    ENGLISH: ("源文件：英文译文", "words/en.yaml。一行一句：通知里的话: 译文。译文不是通知，不改变指纹。", True),
    TRADITIONAL: ("源文件：繁体字", "words/zh-hant.yaml。一行一句：通知里的话: 繁体。", True),
    CATALOGUE: ("源文件：专业目录", "catalogue.csv。三列：系列名称、大专业、小专业。", True),
}


@require_http_methods(["GET", "HEAD", "POST"])
def file(request: AdministratorRequest, ref: str, name: str) -> HttpResponse:
    """One whole file. Pasted text of a notice can be given its anchors first, and looked at, before it is saved."""
    if name not in TEXTS:
        raise Http404
    draft = draft_of(ref)
    text, errors = draft.files.get(name, ""), []
    seen, proposed = mark_of(text), False
    if request.method == "POST":
        text = request.POST.get("text", "").replace("\r\n", "\n")
        seen = request.POST.get("seen", "")
        if request.POST.get("action") == "anchor" and name == "notice.md":
            text, proposed = anchored(text), True
        else:
            edit = Edit(file=name, value=text, seen=seen, about=name)
            try:
                drafts.change(ref=ref, edit=edit, by=request.user, at=now())
            except Declined as refusal:
                errors = [{"href": "#text", "text": refusal.sentence}]
                draft = draft_of(ref)
                seen = mark_of(draft.files.get(name, ""))
            else:
                messages.success(request, f"已保存“{TEXTS[name][0]}”。")
                return redirect("publishing_file", ref=ref, name=name)
    title, about, expert = TEXTS[name]
    context: dict[str, Any] = {
        "name": name, "title": title, "about": about, "expert": expert, "text": text, "seen": seen, "errors": errors,
        "anchored": proposed,
        # after a refusal the text on the page is another than the one that was checked
        "problems": [] if errors else [each for each in problems_of(draft) if each["where"].startswith(f"{name} ")],
        "lines": text.count("\n") + 1,
        **beside(draft), **frame(draft),
    }  # fmt: skip
    return render(request, "publishing/file.html", context, status=422 if errors else 200)


# ---- the catalogue ----


def _series(draft: Draft) -> str:
    try:
        return str(data_of(draft.files[FILE], FILE).get("系列", "工程"))
    except (NoticeError, AttributeError):
        return "工程"


def _rows_of(request: AdministratorRequest) -> list[list[str]]:
    """The table that was pasted, or the sheet that was uploaded. Raises CatalogueRefused, SheetRefused."""
    upload = request.FILES.get("file")
    if upload is None:
        if not request.POST.get("pasted", "").strip():
            raise CatalogueRefused("请粘贴专业目录，或者选择一个 XLSX 文件。")
        return catalogue_input.read_pasted(request.POST["pasted"])
    return _rows_of_upload(upload)


def _rows_of_upload(upload: UploadedFile[Any]) -> list[list[str]]:
    if getattr(upload, "too_large", False):
        raise SheetRefused("too_large")
    received = store().receive(upload.chunks(), catalogue_input.LIMIT_BYTES)
    try:
        require_clean(received)
        return catalogue_input.read_cells(read_sheet(received.path, SHEET))
    except NotClean as refusal:
        raise CatalogueRefused(refusal.sentence) from refusal
    finally:
        store().discard(received)


@require_http_methods(["GET", "HEAD", "POST"])
def catalogue(request: AdministratorRequest, ref: str) -> HttpResponse:
    """The catalogue: paste or upload a new one, see what would change, then take it."""
    draft = draft_of(ref)
    errors: list[dict[str, str]] = []
    diff: CatalogueDiff | None = None
    if request.method == "POST":
        try:
            if request.POST.get("action") == "take":
                edit = Edit(
                    file=CATALOGUE,
                    value=request.POST.get("text", ""),
                    seen=request.POST.get("seen", ""),
                    about="catalogue",
                )
                drafts.change(ref=ref, edit=edit, by=request.user, at=now())
                messages.success(request, "已换成新的专业目录。")
                return redirect("publishing_catalogue", ref=ref)
            text = catalogue_input.catalogue_text(_rows_of(request), _series(draft))
            diff = catalogue_input.compare(text, _held(draft), _series(draft))
        except (CatalogueRefused, SheetRefused, Declined) as refusal:
            errors = [{"href": "#pasted", "text": _sentence(refusal)}]
            draft = draft_of(ref)
    held = _held(draft)
    base = load(draft.base_id, draft.base_digest).catalogue
    context: dict[str, Any] = {
        "errors": errors,
        "diff": diff,
        "shown": _SHOWN,
        "pasted": request.POST.get("pasted", ""),
        "tree": held.tree() if held else {},
        "count": len(held) if held else 0,
        "against_base": catalogue_input.compare(draft.files[CATALOGUE], base, _series(draft)) if held else None,
        "seen": mark_of(draft.files[CATALOGUE]),
        "columns": COLUMNS,
        "problems": [each for each in problems_of(draft) if each["part"] == "catalogue"],
        **frame(draft),
    }
    return render(request, "publishing/catalogue.html", context, status=422 if errors else 200)


def _sentence(refusal: Exception) -> str:
    """The reader of tables speaks of rosters; here it is the catalogue."""
    words = str(getattr(refusal, "sentence", refusal))
    return (
        words.replace("名单", "目录")
        .replace("不超过1,000人，", "")
        .replace("模板", "目录表")
        .replace("请分成几份，每份分别上传", "请用粘贴")
    )


def _held(draft: Draft) -> Any:
    try:
        return read_catalogue(draft.files[CATALOGUE], _series(draft))
    except NoticeError:
        return None


@require_safe
def catalogue_sheet(request: AdministratorRequest, ref: str) -> HttpResponse:
    """The draft's catalogue as XLSX, to be changed and uploaded again."""
    del request
    draft = draft_of(ref)
    held = _held(draft)
    rows = [(c.series, c.major, c.minor or "") for c in held.choices()] if held else []
    response = HttpResponse(xlsx_of(SHEET, COLUMNS, rows), content_type=CONTENT_TYPES["xlsx"])
    response["Content-Disposition"] = 'attachment; filename="catalogue.xlsx"'
    return response
