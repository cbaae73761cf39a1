"""``spinegate github fetch``: the git-annex branches that say where a change's images lie.

A clone of a pull request holds the branch under test, not `git-annex`. That of the repository goes
to ``refs/remotes/origin/git-annex``; that of the fork, without any credentials, to
``refs/remotes/fork/git-annex``. Nothing is checked out, and no failure stops the check.
"""

from __future__ import annotations

import base64
import os
import subprocess
from collections.abc import Mapping
from pathlib import Path

import click

from ...system.errors import SpinegateError, ToolError
from ...system.git import command as git_command
from ...system.git import environment as git_environment
from ...system.git import git
from .event import check_repository, read_event
from .log import annotate, quoted
from .trust import trust_clones

_BRANCH = "refs/heads/git-annex"
_SECONDS = 300


@click.command(name="fetch")
@click.option(
    "--dataset", default=".", envvar="SPINEGATE_DATASET", metavar="DIR",
    help="The dataset, relative to the workspace.",
)  # fmt: skip
@click.option("--folder", type=click.Path(path_type=Path), envvar="SPINEGATE_FOLDER", hidden=True)
@click.option("--token", default="", envvar="SPINEGATE_TOKEN", hidden=True)
def command(dataset: str, folder: Path | None, token: str) -> int:
    """Fetch the git-annex branch of the repository, and of the fork that a change comes from."""
    environment = os.environ
    clone = Path(environment.get("GITHUB_WORKSPACE") or ".") / dataset
    notices = []
    with quoted():
        if folder is not None:
            trust_clones(folder.parent)
        own = environment.get("GITHUB_REPOSITORY", "")
        fork = read_event(environment).fork
        for repository, remote, secret in ((own, "origin", token), (fork, "fork", "")):
            if repository:
                try:
                    fetch_branch(clone, environment, repository, remote, secret)
                except SpinegateError as error:
                    notices.append(
                        f"where the images of {repository} lie is not known, since its git-annex "
                        f"branch could not be fetched: {error}"
                    )
    for notice in notices:
        annotate("notice", notice)
    return 0


def fetch_branch(
    clone: Path, environment: Mapping[str, str], repository: str, remote: str, token: str = ""
) -> bool:
    """Fetch the git-annex branch of a repository into a remote-tracking branch.

    Parameters
    ----------
    clone
        A clone, or a folder in one.
    environment
        ``GITHUB_SERVER_URL`` says where repositories are.
    repository
        ``owner/name``.
    remote
        Name of the remote whose branch is written; it needn't exist.
    token
        Sent to the server; "" sends nothing at all.

    Returns
    -------
    bool
        False where the repository has no such branch.

    Raises
    ------
    SpinegateError
        No connection, no such repository, or it took too long.
    """
    server = server_of(environment)
    address = f"{server}/{check_repository(repository)}"
    place = f"refs/remotes/{remote}/git-annex"
    listed = ask_server(clone, server, token, "ls-remote", address, _BRANCH)
    commit = listed.partition("\t")[0].strip()
    if not commit:
        return False
    if not _has(clone, commit):  # else --depth would cut the history of a commit that is here
        only = ("--depth=1", "--no-tags", "--no-auto-gc", "--no-recurse-submodules", "--quiet")
        ask_server(clone, server, token, "fetch", *only, "--no-write-fetch-head", address, commit)
    git(clone, "update-ref", place, commit)
    return True


def _has(clone: Path, commit: str) -> bool:
    try:
        git(clone, "cat-file", "-e", commit)
    except ToolError:
        return False
    return True


def server_of(environment: Mapping[str, str]) -> str:
    """Return where repositories are."""
    return environment.get("GITHUB_SERVER_URL") or "https://github.com"


def ask_server(clone: Path, server: str, token: str, *arguments: str) -> str:
    """Run git with the network: this server's protocol, and no credentials but the token.

    Raises
    ------
    SpinegateError
        git's own fault, or no end.
    """
    header = f"http.{server}/.extraheader"
    settings = [("credential.helper", ""), ("core.askPass", ""), (header, "")]
    settings += [("http.lowSpeedLimit", "1000"), ("http.lowSpeedTime", "60")]
    if token:
        secret = base64.b64encode(f"x-access-token:{token}".encode()).decode()
        settings.append((header, f"AUTHORIZATION: basic {secret}"))
    protocol = server.partition(":")[0]
    variables = {**git_environment(), "GIT_ALLOW_PROTOCOL": protocol}
    variables["GIT_CONFIG_COUNT"] = str(len(settings))  # not in argv, which others can see
    for index, (key, value) in enumerate(settings):
        variables[f"GIT_CONFIG_KEY_{index}"] = key
        variables[f"GIT_CONFIG_VALUE_{index}"] = value
    argv = git_command(clone, *arguments)
    try:
        done = subprocess.run(
            argv, env=variables, stdin=subprocess.DEVNULL, capture_output=True, check=False,
            timeout=_SECONDS,
        )  # fmt: skip
    except subprocess.TimeoutExpired:
        raise SpinegateError(f"no end after {_SECONDS} s") from None
    except OSError as error:
        raise ToolError(argv, None, str(error)) from None
    if done.returncode:
        raise ToolError(argv, done.returncode, done.stderr.decode(errors="replace"))
    return done.stdout.decode(errors="replace")
