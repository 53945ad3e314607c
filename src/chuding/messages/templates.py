"""The texts of `templates.yaml`, filled in: tokens are replaced by us, never by a template language (D13).

The office's telephone is part of a text and no value of it: services know the texts word by word, as `chuding sms templates`
lists them.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from functools import cache
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import yaml
from django.conf import settings

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

SHANGHAI = ZoneInfo("Asia/Shanghai")
LONGEST_SMS = 70
_TOKEN = re.compile(r"\{\{(\w+)\}\}")
_TELEPHONE = "{{telephone}}"
_FILE = Path(__file__).with_name("templates.yaml")


class TemplateFaultError(ValueError):
    """A message cannot be made: no such template, a value missing or longer than the texts allow."""


@dataclass(frozen=True, slots=True)
class Text:
    """A message ready to go: the SMS with its signature, and what the inbox shows (empty: SMS only).

    `values` are those that the SMS uses, in its order, for services that know the text already.
    """

    sms: str
    values: tuple[tuple[str, str], ...]
    title: str
    body: str
    any_hour: bool


@cache
def _data() -> dict[str, Any]:
    data: dict[str, Any] = yaml.safe_load(_FILE.read_text(encoding="utf-8"))
    return data


@cache
def _told_by(telephone: str) -> dict[str, dict[str, Any]]:
    """The templates of an office with this telephone, or with none. Raises TemplateFaultError for an SMS that gets too long."""
    templates = {key: _with(telephone, template) for key, template in _data()["templates"].items()}
    longest = longest_values()
    for key, template in templates.items():
        sms = _data()["signature"] + _filled(key, template["sms"], longest)
        if units(sms) > LONGEST_SMS:
            msg = f"message {key!r} is {units(sms)} units long, not {LONGEST_SMS}, with the telephone {telephone!r}"
            raise TemplateFaultError(msg)
    return templates


def _with(telephone: str, template: Mapping[str, Any]) -> dict[str, Any]:
    said = {name: text for name, text in template.items() if name != "alone"}
    if not telephone:
        alone: dict[str, Any] = template.get("alone", {})
        return said | alone
    return {name: text.replace(_TELEPHONE, telephone) if isinstance(text, str) else text for name, text in said.items()}


def templates() -> dict[str, dict[str, Any]]:
    """The templates of this office, by name. Raises TemplateFaultError where its telephone makes an SMS too long."""
    return _told_by(settings.SMS_TELEPHONE)


def keys() -> list[str]:
    """The names of all templates."""
    return sorted(_data()["templates"])


def longest_values() -> dict[str, str]:
    """For every token the longest value it may take."""
    return dict(_data()["tokens"])


def units(text: str) -> int:
    """The length that a text message is counted in: UTF-16 units, so a rare character is two."""
    return len(text.encode("utf-16-le")) // 2


def fill(key: str, values: Mapping[str, str]) -> Text:
    """The message of this template with these values; values that it does not use are left aside.

    Raises TemplateFaultError for an unknown template, and for a value that is missing, empty or too long.
    """
    template = templates().get(key)
    if template is None:
        raise TemplateFaultError(f"no message template {key!r}; there are {', '.join(keys())}")
    return Text(
        sms=_data()["signature"] + _filled(key, template["sms"], values),
        values=tuple((token, values[token]) for token in _TOKEN.findall(template["sms"])),
        title=_filled(key, template.get("title", ""), values),
        body=_filled(key, template.get("body", ""), values),
        any_hour=template.get("any_hour", False),
    )


def spoken(values: Mapping[str, str], language: str) -> Text:
    """What a voice says of a code, in the language of the page where the person waits: English, or Chinese.

    Every figure stands by itself, so that no voice reads the code as one big number.
    """
    calls = _data()["calls"]
    said = dict(values) | {"figures": calls["between"].join(values["code"])}
    text = calls["texts"].get(language, calls["texts"]["zh-hans"])
    used = dict.fromkeys(_TOKEN.findall(text))
    return Text(
        sms=_TOKEN.sub(lambda match: said[match[1]], text),
        values=tuple((token, said[token]) for token in used),
        title="",
        body="",
        any_hour=True,
    )


def _filled(key: str, text: str, values: Mapping[str, str]) -> str:
    def value(match: re.Match[str]) -> str:
        token = match[1]
        given = values.get(token, "")
        if not given:
            raise TemplateFaultError(f"message {key!r} needs a value for {token!r}")
        if units(given) > units(_data()["tokens"][token]):
            raise TemplateFaultError(f"message {key!r}: {token!r} is longer than templates.yaml allows")
        return given

    return _TOKEN.sub(value, text)


def registered(key: str, slot: Callable[[int, str], str]) -> str:
    """The SMS of a template as a service wants it registered, without signature: `slot(1, "code")` writes the first value."""
    numbers = count(1)
    return _TOKEN.sub(lambda match: slot(next(numbers), match[1]), templates()[key]["sms"])


def not_before(at: datetime, *, any_hour: bool) -> datetime | None:
    """When quiet hours end, if `at` lies in them; None when the message may go at once."""
    if any_hour:
        return None
    quiet = _data()["quiet"]
    begins, ends = time.fromisoformat(quiet["from"]), time.fromisoformat(quiet["to"])
    local = at.astimezone(SHANGHAI)
    if ends <= local.time() < begins:
        return None
    morning = local.date() if local.time() < ends else local.date() + timedelta(days=1)
    return datetime.combine(morning, ends, tzinfo=SHANGHAI)
