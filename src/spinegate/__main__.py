"""``python -m spinegate``."""

from spinegate.cli import main

if __name__ == "__main__":
    main()
