"""``spinegate curate github``: what the workflow of comments calls."""

from __future__ import annotations

import click

from ...system.lazy_group import LazyGroup

_COMMANDS = {
    "prepare": "Make the change that a manager orders in a comment, as a patch.",
    "answer": "Push the change that was prepared, and answer the comment.",
}
_MODULES = {name: (f"{__package__}.{name}", text) for name, text in _COMMANDS.items()}


@click.group(cls=LazyGroup, name="github", modules=_MODULES)
def command() -> None:
    """Answer a manager's order in a pull request; `spinegate init --with curate` sets it up."""
