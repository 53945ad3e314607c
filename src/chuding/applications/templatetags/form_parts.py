"""What a form's templates ask of its fields."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django import template
from django.forms.widgets import ChoiceWidget, MultiWidget

if TYPE_CHECKING:
    from django.forms import BoundField

register = template.Library()


@register.filter
def first_box(field: BoundField) -> str:
    """The id of the box of a field that a line of the error summary leads to: the first where it has several.

    A choice under a heading counts by heading and place (`id_kind_0_0`), so the options are asked and not guessed.
    """
    widget = field.field.widget
    if isinstance(widget, ChoiceWidget) and field.use_fieldset and field.subwidgets:
        return field.subwidgets[0].id_for_label
    return f"{field.auto_id}_0" if isinstance(widget, MultiWidget) else field.auto_id
