"""Section 7: the personal commitment, signed with one's name."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from chuding.accounts.names import PLACEHOLDER, clean_name
from chuding.applications.forms.pieces import SectionForm


class CommitmentForm(SectionForm):
    """The typed name stands for the signature."""

    name = forms.CharField(
        label=_("签名"),
        max_length=200,
        help_text=_("请输入您的姓名，与证件一致。"),
        widget=forms.TextInput(attrs={"autocomplete": "name", "class": "input-20", "spellcheck": "false"}),
        error_messages={"required": _("请输入您的姓名，作为签名。")},
    )

    def __init__(self, *args: Any, full_name: str, **options: Any) -> None:
        super().__init__(*args, **options)
        self.full_name = full_name

    def clean_name(self) -> str:
        name, problem = clean_name(self.cleaned_data["name"], pictured=PLACEHOLDER in self.full_name)
        if problem:
            raise ValidationError(problem)
        if name != self.full_name:
            raise ValidationError(
                gettext("签名应与身份信息里的姓名“%(full_name)s”一致。请重新输入。") % {"full_name": self.full_name}
            )
        return name
