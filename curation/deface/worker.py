"""The process that defaces the images of one session: it reads what to do, and says what it did.

A process of its own, for a crash of a library or a lack of memory ends it alone; it ends itself
when the run that started it is gone, however that ended.
"""

from __future__ import annotations

import json
import os
import sys
import threading
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from ...system.errors import SpinegateError
from .removal import Result, deface
from .search import Placement, locate
from .views import make_views
from .volume import read_volume
from .work import Sources, keep, save_views


def main() -> None:
    """Do what the first line of the input says; tell of each image in one line."""
    with os.fdopen(os.dup(1), "w") as answers:
        os.dup2(2, 1)  # libraries print what they like
        task = json.loads(sys.stdin.readline())
        threading.Thread(target=_end_with_parent, daemon=True).start()
        places: dict[str, Placement] = {}
        for one in task:
            answer = {"path": one["sources"]["path"], "error": _do(one, places)}
            with suppress(BrokenPipeError):
                print(json.dumps(answer), file=answers, flush=True)


def _end_with_parent() -> None:
    while sys.stdin.readline():
        pass
    os._exit(1)


def _do(one: Mapping[str, Any], places: dict[str, Placement]) -> str:
    """Deface an image; return what went wrong."""
    image, reference = Path(one["file"]), one["reference"]

    def make(output: Path) -> Result:
        looked_at = str(reference or image)
        if looked_at not in places:
            places[looked_at] = locate(read_volume(Path(looked_at)))
        result = deface(
            image,
            output,
            reference=Path(reference) if reference else None,
            cord=Path(one["cord"]) if one["cord"] else None,
            method=one["sources"]["method"],
            placement=places[looked_at],
        )
        save_views(make_views(image, output), output.parent)
        return result

    try:
        keep(Path(one["folder"]), Sources(**one["sources"]), tuple(one["tries"]), make)
    except SpinegateError as error:
        return str(error)
    except OSError as error:
        return f"{error.filename}: {error.strerror}"
    except MemoryError:
        return "there isn't enough memory for it: try with --jobs 1"
    except Exception as error:  # of a library, over one image: others go on
        return f"{type(error).__name__}: {error}"
    return ""


if __name__ == "__main__":
    main()
