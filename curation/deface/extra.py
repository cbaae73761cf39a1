"""Packages of the extra `curate`, imported when they are used."""

from __future__ import annotations

import importlib
from typing import Any

from ...system.errors import SpinegateError

EXTRA = "pip install 'spinegate[curate]'"


def need(module: str) -> Any:
    """Import a module.

    Raises
    ------
    SpinegateError
        Where it isn't installed.
    """
    try:
        return importlib.import_module(module)
    except ImportError as error:
        raise SpinegateError(
            f"defacing needs the Python package {module}, which can't be imported ({error}):"
            f" {EXTRA}"
        ) from error
