"""Words of strangers, written into YAML."""

from __future__ import annotations

import json


def quoted(word: str) -> str:
    """Write any text as a double-quoted YAML scalar; what YAML can't hold becomes `?`."""
    kept = "".join(c if c.isprintable() or c in "\n\t" else "?" for c in word)
    return json.dumps(kept, ensure_ascii=False)
