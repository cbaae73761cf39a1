"""``python -m spinegate``, and the console script."""

from __future__ import annotations

import sys


def main() -> None:
    """Run the command line and exit.

    The status is 0 for fine, 1 for errors found, 2 for usage, 3 for our bug, 130 for interrupted.
    """
    try:
        from .cli import run
    except KeyboardInterrupt:  # the command line itself was still being imported
        sys.exit(130)
    sys.exit(run())


if __name__ == "__main__":
    main()
