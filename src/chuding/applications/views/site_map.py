"""网站地图: every page that a link can lead to, for everybody and for those who have signed in."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, cast

from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from chuding.accounts.handover import may_hand_over
from chuding.accounts.roles import may_open
from chuding.applications.views.public import level_slug
from chuding.notices.shelf import current
from chuding.storage.clock import now

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse
    from django.utils.functional import Promise

    from chuding.accounts.models import Person
    from chuding.accounts.roles import Role


class Part(NamedTuple):
    """One heading of the map with the names and words of its pages, in their order."""

    title: Promise
    pages: tuple[tuple[str, Promise], ...]


OPEN = (
    Part(
        _("办理职称初定"),
        (
            ("home", _("首页")),
            ("self_check", _("申报自查")),
            ("guide", _("办事指南")),
            ("catalogue", _("专业目录")),
            ("catalogue_search", _("查找专业")),
            ("sign_in", _("登录或注册")),
            ("sign_in_password", _("用密码登录")),
            ("over", _("输入接力码")),
        ),
    ),
    Part(
        _("通知和公开"),
        (
            ("notice", _("通知原文")),
            ("notices", _("通知公告")),
            ("publicity", _("公示")),
            ("statistics", _("办理统计")),
        ),
    ),
    Part(
        _("查验证书"),
        (
            ("verify", _("证书验证")),
            ("verify_file", _("上传 PDF 验证")),
            ("offline_page", _("不联网的验证页（下载）")),
        ),
    ),
    Part(
        _("帮助和说明"),
        (
            ("help", _("常见问题")),
            ("privacy", _("隐私政策")),
            ("accessibility", _("无障碍声明")),
            ("site_map", _("网站地图")),
        ),
    ),
)
SIGNED_IN = (
    Part(
        _("申报人"),
        (
            ("my_applications", _("我的申报")),
            ("claims", _("单位的邀请")),
            ("inbox", _("我的消息")),
            ("me", _("我的信息")),
            ("my_data", _("我的数据")),
            ("sessions", _("登录的设备")),
            ("authenticator", _("动态码")),
            ("me_password", _("密码")),
            ("me_phone", _("更换手机号")),
            ("hand_over", _("换一台设备继续")),
            ("me_close", _("注销账户")),
            ("unit_open", _("开通单位账户")),
        ),
    ),
    Part(
        _("单位经办人"),
        (
            ("employer_home", _("单位审核")),
            ("employer_staff", _("人员名单")),
            ("employer_import_new", _("导入名单")),
            ("employer_papers", _("年度考核表")),
            ("employer_letters", _("单位同意申报证明")),
            ("employer_postings", _("单位公示")),
            ("employer_clerks", _("经办人")),
        ),
    ),
    Part(
        _("工作人员"),
        (
            ("desk", _("审核工作台")),
            ("decisions_home", _("发文与证书")),
            ("publishing", _("通知发布")),
        ),
    ),
)


def _way_to(request: HttpRequest, name: str) -> str:
    """A page's address, or nothing where its door is closed to this person: it is named all the same, so that all see what there is."""
    roles: frozenset[Role] = request.roles  # type: ignore[attr-defined]
    closed = name == "hand_over" and may_open(name, roles) and not may_hand_over(cast("Person", request.user))
    return reverse(name) if may_open(name, roles) and not closed else ""


@require_safe
def site_map(request: HttpRequest) -> HttpResponse:
    """What everybody may open, level by level too, and what stands behind the sign-in."""
    levels = [{"href": reverse("level", args=[level_slug(rule.level)]), "rule": rule} for rule in current(now()).levels]
    context = {
        "levels": levels,
        "open": [(part.title, [(name, reverse(name), text) for name, text in part.pages]) for part in OPEN],
        "signed_in": [
            (part.title, [(_way_to(request, name), text) for name, text in part.pages]) for part in SIGNED_IN
        ],
    }
    return render(request, "applications/public/site_map.html", context)
