"""Agreeing to many files at once: only such as pass every check, or whose detail the clerk has opened."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.db.models import OuterRef, Subquery

from chuding.accounts.names import few_names
from chuding.applications.material_kinds import Kind, code_of
from chuding.applications.models import Application, Assessment, Material, SocialInsuranceState
from chuding.applications.services.holding import holding
from chuding.applications.services.moves import move, require_anothers
from chuding.applications.services.posting import require_posted
from chuding.applications.translate import notice_of
from chuding.applications.workflow import Action, Declined

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import datetime

    from chuding.accounts.models import Person
    from chuding.applications.models import ApplicationQuerySet

MOST_AT_ONCE = 200
_INSURED = {SocialInsuranceState.FOUND.value: True, SocialInsuranceState.NOT_FOUND.value: False}
_ANSWERS = {"yes": True, "no": False}


@dataclass(frozen=True)
class Check:
    """One chip of a row: True, False, or None where nobody knows."""

    name: str
    met: bool | None


@dataclass(frozen=True)
class Checks:
    """What can be checked of a file without a person: all must be met for agreeing unseen."""

    checks: tuple[Check, ...]

    @property
    def pass_all(self) -> bool:
        """Whether nothing is left for a person to look at."""
        return all(check.met is True for check in self.checks)


def letter_code(file: Application) -> str:
    """The item under which a file's notice wants the stamped letter; empty where it wants none."""
    return code_of(notice_of(file), Kind.ENDORSEMENT)


def with_checks(files: ApplicationQuerySet) -> ApplicationQuerySet:
    """The same files with what `checks_of` reads, in the same question to the database."""
    last = Assessment.objects.filter(application=OuterRef("pk")).order_by("-at", "-id").values("report")[:1]
    return files.annotate(has_letter=holding(Kind.ENDORSEMENT), last_report=Subquery(last))


def checks_of(file: Application) -> Checks:
    """The checks of a file that came through `with_checks`."""
    report: dict[str, Any] = getattr(file, "last_report") or {}  # noqa: B009 - an annotation, which no type knows
    answer = report.get("levels", {}).get(file.level, {}).get("answer")
    asked = bool(letter_code(file))
    return Checks(
        (
            *([Check("盖章证明", met=bool(getattr(file, "has_letter")))] if asked else []),  # noqa: B009
            Check("考核合格", file.assessed_fit),
            Check("符合条件", _ANSWERS.get(answer or "")),
            Check("社保记录", _INSURED.get(file.social_insurance)),
        )
    )


def require_letter(files: Iterable[Application]) -> None:
    """Raise Declined, naming them, where a file has no stamped letter and its notice wants one, from the person or the unit."""
    found = list(files)
    current = Material.objects.filter(application__in=found, replaced_at__isnull=True)
    given = set(current.values_list("application_id", "code"))
    without = [file for file in found if (code := letter_code(file)) and (file.pk, code) not in given]
    if without:
        raise Declined(
            f"{few_names([file.full_name for file in without])}还没有盖章的单位同意申报证明。请先“生成同意申报证明”，盖章、扫描、上传，再同意申报。"
        )


@transaction.atomic
def endorse_many(
    *, chosen: Sequence[tuple[str, int]], opened: Mapping[str, int], by: Person, at: datetime
) -> list[Application]:
    """Agree to all of `chosen` or to none: pairs of reference and the version that the confirming page listed.

    `opened` maps references to the version of the detail that this clerk looked at. Raises Declined, naming who is
    in the way: changed since, not passing every check and not opened, or not this clerk's to agree to.
    """
    if not chosen:
        raise Declined("请先勾选要同意的申报。")
    if len(chosen) > MOST_AT_ONCE:
        raise Declined(f"一次最多同意{MOST_AT_ONCE}件，请分几次办理。")
    seen = dict(chosen)
    files = list(with_checks(Application.objects.select_for_update().filter(ref__in=seen)).order_by("id"))
    if len(files) < len(seen):
        raise Declined("有申报已经找不到，请返回列表重新选择。")
    changed = [file for file in files if file.version != seen[file.ref]]
    if changed:
        raise Declined(
            f"{few_names([file.full_name for file in changed])}的申报刚刚有变化，没有办理。请返回列表重新核对。"
        )
    unseen = [file for file in files if not checks_of(file).pass_all and opened.get(file.ref) != file.version]
    if unseen:
        raise Declined(
            f"{few_names([file.full_name for file in unseen])}有需要人工核对的内容，请先打开查看，再一起同意。"
        )
    require_anothers(files, by, at)
    require_posted(files)
    require_letter(files)
    for file in files:
        data = {"together": len(files), "opened": opened.get(file.ref) == seen[file.ref]}
        move(file, Action.ENDORSE, by=by, at=at, data=data)
    return files
