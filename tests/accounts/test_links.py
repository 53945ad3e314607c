"""`{% url %}` says what Django's own tag says, whatever the name is."""

from __future__ import annotations

import pytest
from django.template import Context, Template
from django.urls import NoReverseMatch
from django.urls.base import get_script_prefix, set_script_prefix


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("{% url 'desk' %}", "/desk/"),
        ("{% url name %}", "/sign-in/"),
        ("{% url 'desk_application' 'abc' %}", "/desk/abc/"),
        ("{% url 'desk_application' ref='abc' %}", "/desk/abc/"),
        ("{% url 'desk' as here %}{{ here }}", "/desk/"),
        ("{% url 'no_such_page' as here %}[{{ here }}]", "[]"),
        ("{% url 'DESK'|lower %}", "/desk/"),
    ],
)
def test_address_is_the_pages(text, said):
    assert Template(text).render(Context({"name": "sign_in"})) == said


def test_address_follows_where_the_server_is_mounted():
    page = Template("{% url 'desk' %}")
    assert page.render(Context()) == "/desk/"
    before = get_script_prefix()
    set_script_prefix("/title/")
    try:
        assert page.render(Context()) == "/title/desk/"
    finally:
        set_script_prefix(before)
    assert page.render(Context()) == "/desk/"


def test_address_that_no_page_has_is_a_fault_of_the_template():
    with pytest.raises(NoReverseMatch):
        Template("{% url 'no_such_page' %}").render(Context())
