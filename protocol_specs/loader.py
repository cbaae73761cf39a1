"""Specs by name or file: `load_spec("spine-generic")`."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

from .build import build_spec
from .layers import packaged_specs, read_layers
from .spec import Spec

DEFAULT = "spine-generic"


def load_spec(name_or_path: str | Path = DEFAULT) -> Spec:
    """Load a packaged spec by its name, or a user's from a YAML file or a folder of them.

    Parameters
    ----------
    name_or_path
        `spine-generic`, or a path. A user's file is checked against the JSON Schema.

    Raises
    ------
    ConfigError
        The spec is not valid; the message names file, line and key.
    """
    name = str(name_or_path)
    if isinstance(name_or_path, str) and name in packaged_specs():
        return _load_packaged(name)
    return build_spec(read_layers(name_or_path))


@lru_cache(maxsize=8)
def _load_packaged(name: str) -> Spec:
    return build_spec(read_layers(name))
