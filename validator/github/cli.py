"""``spinegate github``: what the workflows call; each command is imported when it is run."""

from __future__ import annotations

import click

from ...system.lazy_group import LazyGroup

_COMMANDS = {
    "check": "Check the dataset of a workflow run; used by github_actions/validate.",
    "fetch": "Fetch the git-annex branches that a pull request concerns.",
    "comment": "Post the report of a pull request as its one comment.",
    "issues": "Open, update and close one issue a site.",
}
_MODULES = {name: (f"{__package__}.{name}", text) for name, text in _COMMANDS.items()}


@click.group(cls=LazyGroup, name="github", modules=_MODULES)
def command() -> None:
    """Work as a step of a GitHub workflow; `spinegate init` writes the workflows."""
