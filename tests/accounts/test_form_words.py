"""An empty field is named in its own message."""

from __future__ import annotations

from django import forms

from chuding.accounts.form_words import PlainWords


class SampleForm(PlainWords, forms.Form):
    name = forms.CharField(label="姓名", max_length=4)
    schooling = forms.ChoiceField(label="最高学历", choices=[("a", "本科")], widget=forms.RadioSelect)
    consent = forms.BooleanField(label="我同意")
    own = forms.CharField(label="单位", error_messages={"required": "请选择您的单位，或邀请单位开通。"})


def test_empty_fields_are_named() -> None:
    assert {name: list(said) for name, said in SampleForm({}).errors.items()} == {
        "name": ["请填写姓名。"],
        "schooling": ["请选择最高学历。"],
        "consent": ["请先勾选“我同意”。"],
        "own": ["请选择您的单位，或邀请单位开通。"],
    }


def test_too_long_is_said_with_the_limit() -> None:
    form = SampleForm({"name": "一二三四五", "schooling": "a", "consent": "on", "own": "甲"})
    assert form.errors == {"name": ["姓名最多 4 个字，请删减一些。"]}


def test_browser_bubbles_are_kept_away() -> None:
    assert "required" not in str(SampleForm()["name"])
