"""The page on which a person looks at defaced images and decides; it works without network.

The pictures lie in it as text and are decoded when they are looked at. As in the report's page a
strict Content-Security-Policy lets nothing run but the page's own script, by its hashes.
"""

from __future__ import annotations

import base64
from collections.abc import Sequence
from importlib import resources
from pathlib import Path
from typing import Any

from ...system.files import write_atomic
from ...validator.report.content_policy import content_policy
from ...validator.report.html import embedded
from ...validator.report.visible import visible
from .case import Case, needs_note, worst_first
from .check import Verdict
from .extra import need
from .views import KINDS, TIMES
from .words import NO_FACE, advice, manner, numbers, reasons

_SCRIPTS = ("page_state", "page_file", "page_case", "page_list", "page_run")
_GRADES = {
    Verdict.FACE_GONE: "good",
    Verdict.NOTHING: "doubt",
    Verdict.DOUBTFUL: "doubt",
}
_OWNER = 0o600


def write_page(cases: Sequence[Case], file: Path, *, dataset: str) -> None:
    """Write the page, one file that shows faces: so only to its owner.

    Parameters
    ----------
    cases
        In any order; the worst come first on the page.
    file
        Where to write.
    dataset
        Its name, as people know it.

    Raises
    ------
    OSError
        Where it can't be written.
    """
    jinja2 = need("jinja2")

    ordered = worst_first(cases)
    styles = [_part("validator.report", "page_style"), _part("curation.deface", "page_style")]
    scripts = [_part("curation.deface", name) for name in _SCRIPTS]
    safe = need("markupsafe").Markup
    template = jinja2.Environment(autoescape=True, undefined=jinja2.StrictUndefined).from_string(
        _part("curation.deface", "page")
    )
    text = template.render(
        policy=content_policy(styles, scripts, images=True),
        dataset=visible(dataset)[:200],
        summary=f"{len(ordered):,} defaced images wait for a look.",
        styles=[safe(x) for x in styles],
        scripts=[safe(x) for x in scripts],
        data=safe(embedded({"cases": [_told(case) for case in ordered]})),
        pictures=safe("\n".join(_pictures(at, case) for at, case in enumerate(ordered))),
    )
    write_atomic(file, text.encode("ascii", "xmlcharrefreplace"), _OWNER)


def _told(case: Case) -> dict[str, Any]:
    verdict = case.result.verdict
    return {
        "id": case.identity,
        "path": case.path,
        "shown": visible(case.path),
        "verdict": str(verdict),
        "grade": _GRADES.get(verdict, "bad"),
        "advice": advice(case.result),
        "asks": needs_note(verdict),
        "suggested": NO_FACE if verdict is Verdict.NOTHING else "",
        "numbers": [list(number) for number in numbers(case.result)],
        "manner": visible(manner(case.result)),
        "reasons": [visible(reason) for reason in reasons(case.result)],
        "decision": case.decision,
        "by": case.by,
        "date": case.date,
        "note": case.note,
    }


def _pictures(at: int, case: Case) -> str:
    known = {f"{kind}-{time}" for kind in KINDS for time in TIMES}
    lines = (
        f"{view.name} {base64.b64encode(view.picture).decode()}"
        for view in case.views
        if view.name in known
    )
    return f'<script type="text/plain" id="p{at}">' + "\n".join(lines) + "</script>"


def _part(package: str, name: str) -> str:
    root = __package__.removesuffix("curation.deface")
    return (resources.files(root + package) / f"{name}.html").read_text("ascii").strip()
