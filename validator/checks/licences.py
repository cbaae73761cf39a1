"""Which of the usual licences a text names."""

from __future__ import annotations

from ...protocol_specs.matching import alphanumerics

_MARKS = (
    ("cc0", "CC0 1.0"),
    ("publicdomaindedicationandlicense", "PDDL 1.0"),
    ("pddl", "PDDL 1.0"),
    ("attributionnoncommercialsharealike", "CC BY-NC-SA"),
    ("ccbyncsa", "CC BY-NC-SA"),
    ("attributionnoncommercialnoderiv", "CC BY-NC-ND"),
    ("ccbyncnd", "CC BY-NC-ND"),
    ("attributionnoncommercial", "CC BY-NC"),
    ("ccbync", "CC BY-NC"),
    ("attributionsharealike", "CC BY-SA"),
    ("ccbysa", "CC BY-SA"),
    ("attributionnoderiv", "CC BY-ND"),
    ("ccbynd", "CC BY-ND"),
    ("opendatacommonsattribution", "ODC-BY"),
    ("odcby", "ODC-BY"),
    ("attribution40international", "CC BY 4.0"),
    ("ccby40", "CC BY 4.0"),
    ("ccby30", "CC BY 3.0"),
    ("mitlicense", "MIT"),
    ("apachelicense", "Apache 2.0"),
)
"""What the texts hold when reduced to letters and digits; the more special ones first."""

_HEAD = 400


def licence_of(text: str) -> str:
    """Return the licence that a text is or names; "" where it is none of the usual ones.

    >>> licence_of("CC0"), licence_of("Attribution 4.0 International")
    ('CC0 1.0', 'CC BY 4.0')
    """
    head = alphanumerics(text[: 2 * _HEAD])[:_HEAD]
    if head == "ccby":
        return "CC BY 4.0"
    return next((name for mark, name in _MARKS if mark in head), "")
