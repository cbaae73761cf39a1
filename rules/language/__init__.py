"""The BIDS expression language: parsed by hand, analysed, compiled to Python code once.

    text -> tokens -> nodes -> (names checked, reads collected) -> ast -> code object

`parse` gives the nodes, `Expression` and `Check` what a rule holds, `Context` what they are
called with.
"""

from .context import Context
from .expression import Check, Expression, Selector
from .parser import parse

__all__ = ["Check", "Context", "Expression", "Selector", "parse"]
