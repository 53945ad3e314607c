"""Plain words where Django would say “这个字段是必填项。”: a mixin for every form that people fill in."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.validators import MaxLengthValidator
from django.utils.translation import gettext

_CHOSEN = (forms.Select, forms.RadioSelect, forms.CheckboxSelectMultiple, forms.SelectMultiple)


class PlainWords(forms.BaseForm):
    """Names the field in the message of an empty one: 请填写姓名。/ 请选择最高学历。

    Put it before `forms.Form` or `forms.ModelForm`. What a field says itself through `error_messages` is kept. It also
    keeps the browser's own bubbles away (`required` is never written), since they speak the browser's language.
    """

    use_required_attribute = False

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        for field in self.fields.values():
            if field.error_messages.get("required") == forms.Field.default_error_messages["required"]:
                field.error_messages["required"] = _required(field)
            if isinstance(field, forms.CharField) and field.max_length is not None:
                said = gettext("%(label)s最多 %(count)s 个字，请删减一些。") % {
                    "label": field.label,
                    "count": field.max_length,
                }
                field.validators = [
                    MaxLengthValidator(field.max_length, said) if isinstance(each, MaxLengthValidator) else each
                    for each in field.validators
                ]


def _required(field: forms.Field) -> str:
    label = field.label or gettext("这一项")
    if isinstance(field, forms.BooleanField):
        return gettext("请先勾选“%(label)s”。") % {"label": label}
    if isinstance(field, forms.FileField):
        return gettext("请选择要上传的%(label)s。") % {"label": label}
    pattern = gettext("请选择%(label)s。") if isinstance(field.widget, _CHOSEN) else gettext("请填写%(label)s。")
    return pattern % {"label": label}
