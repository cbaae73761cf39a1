"""The one table of checks that the expression language cannot say; it reads as the whole run."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Iterator

from ..inspection import Inspection
from ..verdict import Verdict

CheckFunction = Callable[[Inspection], Iterator[Verdict]]

CHECKS = (
    "files",
    "names",
    "foreign",
    "contrasts",
    "sites",
    "sidecars",
    "keys",
    "gating",
    "privacy",
    "twins",
    "participants",
    "cells",
    "identity",
    "agreement",
    "description",
    "exclusions",
    "variants",
    "series",
    "orientation",
    "geometry",
    "order",
    "repositioning",
    "swap",
    "swap_image",
    "gradients",
    "headers",
    "annex",
    "whereabouts",
    "links",
    "text",
    "derivatives",
    "orphans",
    "grids",
    "removals",
    "replacements",
    "rewrites",
    "renames",
    "policy",
    "decisions",
)
"""Modules of this folder, each with one function ``check``, in the order in which they run."""


def load_check(name: str) -> CheckFunction:
    """Import one check; a rule that names another is a defect of ours."""
    function: CheckFunction = importlib.import_module(f".{name}", __package__).check
    return function
