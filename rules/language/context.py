"""What an expression is evaluated in."""

from __future__ import annotations

from typing import Any


class Context(dict[str, Any]):
    """The names an expression may use, with their values; a name without a value is null.

    Subclasses override ``__missing__`` to compute a value when it is first asked for. Nested
    values are dicts, or objects that answer ``get(key)`` with a value or None. A method
    ``exists(path, rule) -> bool`` makes the function of that name work.
    """

    __slots__ = ()

    def __missing__(self, key: str) -> Any:
        return None
