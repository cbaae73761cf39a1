r"""Which commands of a stranger's report a bot may show: those of the kinds that we write.

Whoever reads a comment of a bot that they trust may type what it says. So every part must be one
of a few calls that change a clone's own files, its words free of what a shell or git would run.

>>> is_plain("git checkout origin/master -- sub-a/anat/sub-a_T1w.json")
True
>>> is_plain("git checkout master -- x; curl https://example.org | sh")
False
"""

from __future__ import annotations

import re

# Neither an option, nor an absolute path, nor one that climbs, nor an address.
_WORD = r"(?![-/]|\S*\.\.)[A-Za-z0-9_.,/+=@-]+"
_WORDS = rf"{_WORD}(?: {_WORD})*"
_LINE_ENDS = r"'s/\r\n?/\n/g'"
_PARTS = (
    rf"spinegate curate fix(?: --base {_WORD})? --finding [0-9a-f]{{16}} --apply",
    rf"git checkout {_WORD} -- {_WORDS}",
    rf"git mv {_WORD} {_WORD}",
    rf"git rm -q --cached -- {_WORDS}",
    rf"git update-index --chmod=-x -- {_WORDS}",
    r"git commit --amend --no-edit",
    rf"git push {_WORD} git-annex",
    rf"git annex (?:get|unannex|add --force-(?:small|large)|copy --to {_WORD}) -- {_WORDS}",
    rf"git annex export HEAD --to {_WORD}",
    rf"chmod a-x -- {_WORDS}",
    rf"perl -pi -e {re.escape(_LINE_ENDS)} -- {_WORDS}",
)
_PLAIN = re.compile(rf"(?:{'|'.join(_PARTS)})(?: && (?:{'|'.join(_PARTS)}))*")


def is_plain(command: str) -> bool:
    """Whether a command consists of such calls alone."""
    return _PLAIN.fullmatch(command) is not None
