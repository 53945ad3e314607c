"""What changed since the last submission: first on the page, so that a second look goes there first."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from chuding.applications.sections import part_title
from chuding.applications.stated import stated_changes
from chuding.policy.speech import CHINESE

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from chuding.applications.models import Assessment, Correction, Material

_WORDS = {"True": "是", "False": "否", "None": "未填"}


def _flat(value: Any, path: str = "") -> dict[str, str]:
    """Facts as one level: `work[0].from` → 2021-07-01."""
    if isinstance(value, dict):
        parts = [(f"{path}.{key}" if path else key, item) for key, item in value.items()]
    elif isinstance(value, list):
        parts = [(f"{path}[{n}]", item) for n, item in enumerate(value)]
    else:
        return {path: _WORDS.get(str(value), str(value))}
    return {key: text for name, item in parts for key, text in _flat(item, name).items()}


def fact_changes(assessments: Sequence[Assessment]) -> list[dict[str, str]]:
    """What the two last submissions say differently, field by field: name, before, now."""
    if len(assessments) < 2:
        return []
    last = assessments[-2:]
    before, now = (_flat(json.loads(each.facts)) for each in last)
    return stated_changes(*last) + [
        {"name": CHINESE.fact(path), "before": before.get(path, "未填"), "now": now.get(path, "未填")}
        for path in sorted(before.keys() | now.keys())
        if before.get(path) != now.get(path) and path != "filed_on"
    ]


def changes(
    correction: Correction | None, assessments: Sequence[Assessment], given: Iterable[Material]
) -> dict[str, Any] | None:
    """Each item of the last send-back with what became of it, and the facts that differ; None before any came back."""
    if correction is None or correction.mended_at is None:
        return None
    current = {m.code: m for m in given if m.replaced_at is None}
    items = []
    for item in correction.items:
        kind, _, key = item["part"].partition(":")
        material = current.get(key) if kind == "material" else None
        fresh = bool(material and material.uploaded_at > correction.asked_at)
        word = ("已重新上传" if fresh else "没有换") if kind == "material" else "已重新填写"
        items.append(
            {
                "title": part_title(item["part"]),
                "reason": item["reason"],
                "word": word,
                "material": material,
                "before": item.get("material", "") if fresh else "",
            }
        )
    return {"items": items, "facts": fact_changes(assessments), "asked_at": correction.asked_at}
