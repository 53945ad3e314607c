"""`{{ gate.words|said }}`: the notice's words and the law room's sayings in the language of the page."""

from __future__ import annotations

from datetime import date
from typing import Any

from django import template

from chuding.applications.sentences import in_other_words
from chuding.applications.verdicts import speech_here
from chuding.policy.speech import Own, Saying, Series

register = template.Library()


@register.filter
def said(value: Any) -> Any:
    """A saying, a day, a level, or words of the notice; what has no translation stays as it is, and safe where it was."""
    speech = speech_here()
    if not isinstance(value, str):
        return speech.say(value) if isinstance(value, Saying | Series | Own | date) else value
    own = speech.own_words(value)
    text = own if own != value else speech.word(value)
    text = in_other_words(value, said) if text == value else text
    return value if text == value else text
