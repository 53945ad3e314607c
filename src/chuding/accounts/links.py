"""`{% url %}` as templates have it: the address of a page that takes no words is worked out once in each process.

A page names twenty such addresses in its head, its menus and its foot, and each took as long as five of its variables.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from django.conf import settings
from django.template import Library, Node
from django.template.base import FilterExpression
from django.template.defaulttags import url as any_url
from django.urls import NoReverseMatch, get_script_prefix, reverse

if TYPE_CHECKING:
    from django.template.base import Parser, Token
    from django.template.context import Context

register = Library()


class FixedAddress(Node):
    """The address of a page by its name, which takes no words and is nothing that the context holds."""

    def __init__(self, name: str, variable: str | None) -> None:
        self._name = name
        self._variable = variable

    def render(self, context: Context) -> str:
        """The address, or "" where it goes into a variable; NoReverseMatch where no page has the name and no variable asks."""
        address = _address(self._name, settings.ROOT_URLCONF, get_script_prefix())
        if self._variable is None:
            return address or reverse(self._name)
        context[self._variable] = address
        return ""


@lru_cache(maxsize=1024)
def _address(name: str, pages: str, prefix: str) -> str:
    """The address among these pages, under what the server is mounted on; "" where none has the name."""
    del pages, prefix  # `reverse` knows both
    try:
        return reverse(name)
    except NoReverseMatch:
        return ""


@register.tag
def url(parser: Parser, token: Token) -> Node:
    """Django's own tag, but for the name of a page that takes no words."""
    node = any_url(parser, token)
    named = node.view_name
    fixed = isinstance(named, FilterExpression) and isinstance(named.var, str) and not named.filters
    return FixedAddress(str(named.var), node.asvar) if fixed and not node.args and not node.kwargs else node
