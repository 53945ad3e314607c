"""Which papers a material is expected to be, by the words of the notice's own item."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chuding.applications.translate import notice_of

if TYPE_CHECKING:
    from chuding.applications.models import Application, Material
    from chuding.policy.notice import MaterialRule, Notice

_SCHOOLING = ("学历", "学位", "毕业证")
_ENDORSEMENT = ("申报证明", "同意申报", "单位证明")


def expected_by(rule: MaterialRule) -> str:
    """schooling, endorsement, or empty for what is not read: the words of the item say it in every notice so far."""
    if any(word in rule.name for word in _ENDORSEMENT):
        return "endorsement"
    return "schooling" if any(word in rule.name for word in _SCHOOLING) else ""


def expected_in(material: Material) -> str:
    """The same for a material of a file."""
    rules = {rule.code: rule for rule in notice_of(material.application).materials}
    return expected_by(rules[material.code]) if material.code in rules else ""


def schooling_code(notice: Notice) -> str:
    """The item under which papers of schooling are given; empty where a notice has none."""
    return next((rule.code for rule in notice.materials if expected_by(rule) == "schooling"), "")


def codes_read(application: Application) -> dict[str, str]:
    """Item → what is expected there, for items that are read."""
    return {rule.code: kind for rule in notice_of(application).materials if (kind := expected_by(rule))}
