"""The one console script; each command's module is imported only when it is called."""

from __future__ import annotations

import errno
import traceback
from typing import Any

import click

from . import __version__
from .system.errors import SpinegateError
from .system.lazy_group import LazyGroup

_FULL = (errno.ENOSPC, getattr(errno, "EDQUOT", errno.ENOSPC), errno.EIO)
_SHUT = (errno.EROFS, errno.EACCES, errno.EPERM)
COMMANDS = {
    "validate": ("spinegate.validator.cli", "Check a dataset and report what is wrong."),
    "baseline": ("spinegate.validator.baseline_cli", "Accept the findings of today."),
    "curate": ("spinegate.curation.cli", "Plan and carry out changes of a dataset."),
    "rules": ("spinegate.validator.rules_cli", "List the rules, or explain one."),
    "spec": ("spinegate.protocol_specs.cli", "Show, check, derive and import protocols."),
    "init": ("spinegate.validator.init_cli", "Write workflows and settings into a dataset."),
    "github": ("spinegate.validator.github.cli", "Steps of the GitHub workflows."),
    "example": ("spinegate.examples.cli", "Write the phantom dataset."),
}


@click.group(
    cls=LazyGroup,
    modules=COMMANDS,
    context_settings={"help_option_names": ["-h", "--help"]},
)
@click.version_option(__version__, prog_name="spinegate")
def spinegate() -> None:
    """Validate, curate and process multi-centre spinal cord MRI databases."""


def run(argv: list[str] | None = None) -> int:
    """Run the command line and return its exit status."""
    try:
        status: Any = spinegate.main(argv, standalone_mode=False)
        return status if isinstance(status, int) else 0
    except click.exceptions.Abort:
        return 130
    except click.ClickException as error:
        error.show()
        return 2
    except KeyboardInterrupt:
        return 130
    except SystemExit:  # click leaves so, and only so, where the reader of a pipe has gone
        return 0
    except SpinegateError as error:
        click.echo(f"spinegate: {error}", err=True)
        return 2
    except OSError as error:
        if error.errno not in (*_FULL, *_SHUT):
            return _defect(error)
        place = "the output" if error.filename is None else f"{error.filename!a}"
        verb = "used" if error.errno in _SHUT else "written"
        click.echo(f"spinegate: {place} can't be {verb}: {error.strerror}", err=True)
        return 2
    except Exception as error:  # the last door: what comes here is our own defect
        return _defect(error)


def _defect(error: Exception) -> int:
    traceback.print_exception(error)
    click.echo(
        f"spinegate: this is a defect of spinegate ({type(error).__name__}); "
        "please report it with the lines above.",
        err=True,
    )
    return 3
