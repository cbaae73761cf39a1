"""What a series' or a file's name says of its contrast, in the words that sites use."""

from __future__ import annotations

import re

_PATTERNS: tuple[tuple[str, tuple[str, ...]], ...] = (
    (r"localizer|localiser|scout|survey|(?<![a-z])loc(?![a-z])|3-?plane", ("localizer",)),
    (r"(?<![a-z])(?:dwi|dti|diff\w*|zoomit)(?:.*[-_ ])b0(?![0-9])|acq-b0_dwi", ("b0",)),
    (r"(?<![a-z])b0(?![0-9])", ("b0",)),
    (r"(?<![a-z])(?:ep2d_)?(?:dwi|dti|diff|zoomit)", ("dwi",)),
    (r"flip-2_mt-off|acq-t1w_mts|gre[-_ ]?t1", ("GRE-T1w",)),
    (r"no[-_ ]?mt(?![a-z])|mt[-_ ]?(?:0(?![0-9])|off)", ("MToff",)),
    (r"mt[-_ ]?(?:1(?![0-9])|on(?![a-z]))", ("MTon",)),
    (r"gre[-_ ]?mt(?![a-z])|(?<![a-z])mt[rs]?(?![a-z0-9])", ("MTon", "MToff")),
    (r"t2[-_ ]?(?:\*|star|s(?![a-z]))|gre[-_ ]?me|megre|medic|m-?ffe|ssum|swi", ("T2star",)),
    (r"(?<![a-z])bold|fmri|field[-_ ]?map|(?<![a-z])asl(?![a-z])|flair|angio", ("other",)),
    (r"mp2?[-_ ]?rage|(?<![a-z0-9])t1(?![0-9])|bravo|fspgr", ("T1w",)),
    (r"(?<![a-z0-9])t2(?![0-9])|(?<![a-z])(?:space|spc|cube|vista)(?![a-z])", ("T2w",)),
)
_COMPILED = tuple((re.compile(pattern), contrasts) for pattern, contrasts in _PATTERNS)


def contrasts_named(text: str) -> tuple[str, ...]:
    """The contrasts that a name speaks of, such as ``WIP_GRE-MT1``; () where of none.

    The first pattern that fits decides: ``GRE-T1w`` is one of the MT series, not the ``T1w``.
    """
    lower = text.lower()
    for pattern, contrasts in _COMPILED:
        if pattern.search(lower):
            return contrasts
    return ()
