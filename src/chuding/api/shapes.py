"""What the HTTP API takes and gives, as its OpenAPI document says it. The words are those of docs/api.md and `assess`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, Literal

from ninja import Schema
from pydantic import Field

from chuding.policy.columns import SHAPE, parts_of
from chuding.policy.terms import FACT_NAMES

if TYPE_CHECKING:
    from chuding.policy.columns import Shape

_DAY: Final = r"^\d{4}-\d{2}(-\d{2})?$"


class Fault(Schema):
    """What is wrong: the path of the field (`credentials[0].awarded_on`; empty: the request itself) and what to do."""

    field: str
    message: str


class Problem(Schema):
    """Every answer that is not 200."""

    error: Fault


class Days(Schema):
    """Both inclusive."""

    start: str
    end: str


class Window(Days):
    """`levels` empty: for every level."""

    levels: list[str]


class Heading(Schema):
    """One notice in the list."""

    id: str
    digest: str
    number: str
    title: str
    issuer: str
    published: str | None
    window: Days
    windows: list[Window]


class WholeNotice(Heading):
    """A notice with everything that it says."""

    contact: dict[str, str]
    levels: list[dict[str, str]]
    gates: list[dict[str, str]]
    rows: list[dict[str, str]]
    readings: list[dict[str, str]]
    materials: list[dict[str, Any]]
    authorities: dict[str, str]
    divisions: dict[str, str]
    clauses: list[dict[str, str]]
    catalogue: dict[str, dict[str, list[str]]]
    examined: list[str]


class Choice(Schema):
    """One specialty: `path` is what `specialty` of the facts takes, `label` what people read."""

    path: str
    label: str


class CatalogueAnswer(Schema):
    """The whole catalogue as a tree, or the choices that were found."""

    catalogue: dict[str, dict[str, list[str]]]
    found: list[Choice] | None


class LevelAnswer(Schema):
    """One level: `from` is the first day on or after filing; null: never, or a missing fact leaves it open."""

    answer: Literal["yes", "no", "unknown"]
    from_: str | None = Field(alias="from")
    clauses: list[str]
    missing: list[str]
    effective_from: str | None = None


class MaterialAnswer(Schema):
    """A document to upload; `required` null: a missing fact decides."""

    clause: str
    name: str
    required: bool | None


class ReportAnswer(Schema):
    """What `chuding assess --json` prints for one person."""

    notice: str
    digest: str
    filed_on: str | None
    window_open: bool | None
    levels: dict[str, LevelAnswer]
    materials: list[MaterialAnswer]
    authority: dict[str, str]
    division: dict[str, str]


def schema_of(shape: Shape) -> dict[str, Any]:
    """The JSON schema of the facts, from the very model that reads them; everything may be left out or null."""
    properties: dict[str, Any] = {}
    for name in (*shape.values, *shape.days):
        field = shape.model.model_fields[name]
        key = field.alias or name
        properties[key] = {**_value(parts_of(field.annotation), day=name in shape.days)}
        if key in FACT_NAMES:
            properties[key]["description"] = FACT_NAMES[key]
    for name, records in shape.records.items():
        properties[name] = {
            "type": ["array", "null"],
            "items": schema_of(records),
            "description": FACT_NAMES.get(name, name),
        }
    return {"type": "object", "properties": properties, "additionalProperties": False}


def _value(parts: set[Any], *, day: bool) -> dict[str, Any]:
    if day:
        dated: dict[str, Any] = {"type": ["string", "null"], "pattern": _DAY}
        if "never" not in parts:
            return dated
        return {"anyOf": [dated, {"const": "never"}]}
    if bool in parts:
        return {"type": ["boolean", "null"]}
    if int in parts:
        return {"type": ["integer", "null"], "minimum": 0}
    words = [part for part in parts if isinstance(part, str)]
    if not words:
        return {"type": ["string", "null"]}
    return {"enum": [*sorted(words), None]}


FACTS_BODY: Final[dict[str, Any]] = {
    "requestBody": {
        "required": True,
        "description": "一个人的事实；缺的键或 null 是未知，从不当作“否”",
        "content": {"application/json": {"schema": schema_of(SHAPE)}},
    },
}
