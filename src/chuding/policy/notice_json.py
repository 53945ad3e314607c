"""A notice as JSON, as `chuding notice show --json` and the HTTP API tell it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from chuding.policy.notice import MaterialRule, Notice


def heading_of(each: Notice) -> dict[str, Any]:
    """What a list of notices says of each: id, digest, number, title, issuer, published, window."""
    return {
        "id": each.id,
        "digest": each.digest,
        "number": each.number,
        "title": each.title,
        "issuer": each.issuer,
        "published": None if each.entry.published is None else each.published.isoformat(),
        "window": {"start": each.window.start.isoformat(), "end": each.window.end.isoformat()},
        "windows": [
            {
                "start": one.start.isoformat(),
                "end": one.end.isoformat(),
                "levels": [level.value for level in one.levels],
            }
            for one in each.windows
        ],
    }


def whole_of(each: Notice) -> dict[str, Any]:
    """Everything of a notice but its worked cases: clauses, catalogue, window, levels, materials, authorities."""
    return {
        **heading_of(each),
        "contact": {
            "name": each.contact.name,
            "telephone": each.contact.telephone,
            "wechat": each.contact.wechat,
        },
        "levels": [{"level": rule.level.value, "tier": rule.tier.value, "title": rule.title} for rule in each.levels],
        "gates": [{"clause": gate.clause.label, "name": gate.name, "sentence": gate.sentence} for gate in each.gates],
        "rows": [
            {"clause": row.clause.label, "level": row.level.value, "condition": row.words, "sentence": row.sentence}
            for row in each.rows
        ],
        "readings": [
            {
                "question": reading.question,
                "chosen": reading.chosen,
                "clause": reading.clause.label,
                "sentence": reading.sentence,
            }
            for reading in each.readings
        ],
        "materials": [_material(rule) for rule in each.materials],
        "authorities": {rule.level.value: rule.authority for rule in each.levels},
        "divisions": {rule.level.value: rule.division for rule in each.levels},
        "clauses": [
            {"id": clause.id, "label": clause.label, "heading": clause.heading, "text": clause.text}
            for clause in each.clauses
        ],
        "catalogue": each.catalogue.tree(),
        "examined": sorted(each.examined),
    }


def _material(rule: MaterialRule) -> dict[str, Any]:
    return {
        "code": rule.code,
        "clause": rule.clause.label,
        "name": rule.name,
        "required": rule.required,
        "note": rule.note,
        "instead": rule.instead,
    }
