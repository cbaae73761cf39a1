"""Install spinegate for a composite action, from the action's own checkout and a lock file.

Standard library only, called with ``python -I`` by each action::

    install.py key [--bids]           print what a cache of downloads depends on
    install.py install VENV [--bids]  make a virtual environment with spinegate in it

Every package is of the locked version and has one of the locked hashes, be it from a registry or
from a cache; nothing is built. spinegate itself is the checkout: a path file leads to it.
"""

from __future__ import annotations

import argparse
import hashlib
import platform
import subprocess
import sys
import sysconfig
import venv
from pathlib import Path

HERE = Path(__file__).resolve().parent
SOURCE = HERE.parent / "src"


def lock_file(*, bids: bool) -> Path:
    """Return the lock: the one with the official BIDS validator takes 120 MB more."""
    return HERE / ("requirements-bids.txt" if bids else "requirements.txt")


def cache_key(*, bids: bool) -> str:
    """Return a name that changes with the lock, the Python and the machine."""
    digest = hashlib.sha256(lock_file(bids=bids).read_bytes()).hexdigest()
    return f"{platform.machine()}-{sysconfig.get_python_version()}-{digest}"


def install(home: Path, *, bids: bool) -> None:
    """Make the virtual environment.

    Raises
    ------
    subprocess.CalledProcessError
        pip has failed, and has said why.
    """
    venv.create(home, with_pip=True, clear=True)
    python = home / ("Scripts" if sys.platform == "win32" else "bin") / "python"
    pip = [str(python), "-I", "-m", "pip", "--disable-pip-version-check", "install", "--quiet"]
    strict = ["--require-hashes", "--no-deps", "--only-binary", ":all:"]
    subprocess.run([*pip, *strict, "--requirement", str(lock_file(bids=bids))], check=True)
    ask = [str(python), "-I", "-c", "import sysconfig; print(sysconfig.get_path('purelib'))"]
    answer = subprocess.run(ask, check=True, capture_output=True, text=True).stdout
    (Path(answer.strip()) / "spinegate.pth").write_text(f"{SOURCE}\n", encoding="utf-8")
    subprocess.run([str(python), "-I", "-m", "spinegate", "--version"], check=True)


def main() -> int:
    """Do what the command line says; the status is 1 where pip or Python fails."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("what", choices=["key", "install"])
    parser.add_argument("home", nargs="?", type=Path)
    parser.add_argument("--bids", action="store_true")
    arguments = parser.parse_args()
    if arguments.what == "key":
        print(f"key={cache_key(bids=arguments.bids)}")
        return 0
    try:
        install(arguments.home, bids=arguments.bids)
    except subprocess.CalledProcessError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
