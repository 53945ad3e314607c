from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms
from django.utils.html import format_html
from django.utils.text import format_lazy
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from chuding.accounts.consent import Purpose, purposes
from chuding.accounts.passwords import LEAST, MOST
from chuding.accounts.phone import clean_phone

if TYPE_CHECKING:
    from chuding.accounts.models import Person


class PhoneForm(forms.Form):
    """Asks for the phone; new and known numbers look alike from here on."""

    phone = forms.CharField(
        label=_("手机号"),
        help_text=_("我们会向这个手机号发送验证码。没有注册过的会自动注册。港澳台号码以 +852、+853、+886 开头。"),
        max_length=30,
        error_messages={"required": _("请输入手机号。"), "max_length": _("手机号太长，请核对。")},
        widget=forms.TextInput(
            attrs={"type": "tel", "autocomplete": "tel", "inputmode": "tel", "class": "input-20", "spellcheck": "false"}
        ),
    )

    def clean_phone(self) -> str:
        phone, problem = clean_phone(self.cleaned_data["phone"])
        if problem:
            raise forms.ValidationError(problem)
        return phone


class NewPhoneForm(PhoneForm):
    """Asks for the phone that takes the place of `person`'s."""

    def __init__(self, *args: Any, person: Person, **kwargs: Any) -> None:
        self.person = person
        super().__init__(*args, **kwargs)
        phone = self.fields["phone"]
        phone.label = _("新的手机号")
        phone.help_text = _("我们会向新的手机号发送验证码。港澳台号码以 +852、+853、+886 开头。")
        phone.error_messages["required"] = _("请输入新的手机号。")

    def clean_phone(self) -> str:
        phone = super().clean_phone()
        if phone == self.person.phone:
            raise forms.ValidationError(gettext("这就是您现在的手机号，不用更换。"))
        return phone


class CodeForm(forms.Form):
    code = forms.CharField(
        label=_("验证码"),
        help_text=_("短信或电话里的6位数字，10分钟内有效。"),
        max_length=20,
        error_messages={"required": _("请输入短信里的6位验证码。"), "max_length": _("验证码是6位数字，请核对。")},
        widget=forms.TextInput(
            attrs={"autocomplete": "one-time-code", "inputmode": "numeric", "class": "input-6", "spellcheck": "false"}
        ),
    )


class PasswordSignInForm(PhoneForm):
    password = forms.CharField(
        label=_("密码"),
        strip=False,
        max_length=MOST,
        error_messages={
            "required": _("请输入密码。"),
            "max_length": format_lazy(_("密码最多{MOST}个字符。"), MOST=MOST),
        },
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password", "class": "input-20"}),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["phone"].help_text = ""


class SecondFactorForm(forms.Form):
    """Password and code of somebody signed in; each is asked only where it is due."""

    password = forms.CharField(
        label="密码",
        strip=False,
        max_length=MOST,
        error_messages={"required": "请输入密码。", "max_length": f"密码最多{MOST}个字符。"},
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password", "class": "input-20"}),
    )
    code = forms.CharField(
        label="动态码",
        help_text="验证器上现在显示的6位数字；手机不在身边时，输入一个恢复码。",
        max_length=20,
        error_messages={"required": "请输入动态码。", "max_length": "动态码是6位数字，请核对。"},
        widget=forms.TextInput(
            attrs={"autocomplete": "one-time-code", "inputmode": "text", "class": "input-10", "spellcheck": "false"}
        ),
    )

    def __init__(self, *args: Any, password: bool, code: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not password:
            del self.fields["password"]
        if not code:
            del self.fields["code"]


class NewPasswordForm(forms.Form):
    current = forms.CharField(
        label=_("现在的密码"),
        strip=False,
        max_length=MOST,
        error_messages={"required": _("请输入现在的密码。")},
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password", "class": "input-20"}),
    )
    password = forms.CharField(
        label=_("新密码"),
        help_text=format_lazy(_("至少{LEAST}个字符，可以用几个词连成一句话，可以粘贴。"), LEAST=LEAST),
        strip=False,
        error_messages={"required": _("请输入新密码。")},
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password", "class": "input-20"}),
    )

    def __init__(self, *args: Any, has_password: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not has_password:
            del self.fields["current"]


class ConsentForm(forms.Form):
    """One unticked box a purpose; only the necessary ones must be ticked."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for purpose in purposes():
            self.fields[purpose.key] = _box(purpose)

    @property
    def chosen(self) -> list[str]:
        """The keys of the ticked purposes."""
        return [key for key, ticked in self.cleaned_data.items() if ticked]


def _box(purpose: Purpose) -> forms.BooleanField:
    kind = gettext("必须同意才能办理") if purpose.required else gettext("可以不选")
    return forms.BooleanField(
        label=gettext(purpose.label),
        help_text=format_html(gettext("{}（{}）"), gettext(purpose.text), kind),
        required=purpose.required,
        error_messages={
            "required": gettext("请勾选“%(label)s”；不勾选就无法在线办理，可以到协会窗口办理。")
            % {"label": gettext(purpose.label)}
        },
    )
