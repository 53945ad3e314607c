"""Making the connector that the settings name. Pure."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping


class WrongChoiceError(ValueError):
    """The settings name a connector that cannot be made; the message says which setting to correct."""


def make(choice: Mapping[str, Any]) -> Any:
    """The object that `{"class": "package.module.Name", "options": {...}}` describes.

    Raises WrongChoiceError when the class does not exist or does not take these options.
    """
    path = str(choice.get("class", ""))
    module_name, _, name = path.rpartition(".")
    try:
        made = getattr(importlib.import_module(module_name), name)
    except (ImportError, AttributeError, ValueError) as error:
        raise WrongChoiceError(f"no connector {path!r}: check the `class` of this setting") from error
    try:
        return made(**choice.get("options", {}))
    except TypeError as error:
        raise WrongChoiceError(f"{path} does not take these options: {error}") from error
