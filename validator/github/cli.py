"""``spinegate github``: what the workflows call; each command is imported when it is run."""

from __future__ import annotations

import importlib

import click

_COMMANDS = {
    "check": "Check the dataset of a workflow run; used by github_actions/validate.",
    "fetch": "Fetch the git-annex branches that a pull request concerns.",
    "comment": "Post the report of a pull request as its one comment.",
    "issues": "Open, update and close one issue a site.",
}


class _Commands(click.Group):
    """The commands, each in the module of its name."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Name the commands."""
        return list(_COMMANDS)

    def get_command(self, ctx: click.Context, name: str) -> click.Command | None:
        """Import one command."""
        if name not in _COMMANDS:
            return None
        command: click.Command = importlib.import_module(f".{name}", __package__).command
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the list of commands without importing any of them."""
        with formatter.section("Commands"):
            formatter.write_dl(list(_COMMANDS.items()))


@click.group(cls=_Commands, name="github")
def command() -> None:
    """Work as a step of a GitHub workflow; `spinegate init` writes the workflows."""
