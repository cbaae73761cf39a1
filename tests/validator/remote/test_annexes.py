"""Real remotes of real git-annex repositories: an S3 server and an ordinary web server."""

from __future__ import annotations

import functools
import gzip
import http.server
import importlib.util
import json
import random
import shutil
import struct
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from spinegate.cli import run as spinegate
from spinegate.protocol_specs.loader import load_spec
from spinegate.validator.contents import Presence
from spinegate.validator.context import Headers
from spinegate.validator.dataset import Dataset, load_dataset
from spinegate.validator.nifti import Header, HeaderError
from spinegate.validator.remote.headers import RemoteOptions, find_places, read_headers
from spinegate.validator.remote.limits import Limits
from spinegate.validator.tree import Unreadable, open_tree

pytestmark = pytest.mark.slow

Git = Callable[..., str]
BUCKET = """
import sys
from moto.server import ThreadedMotoServer
server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
server.start()
print(server.get_host_and_port()[1], flush=True)
sys.stdin.read()
server.stop()
"""


@pytest.fixture(scope="module")
def s3() -> Iterator[int]:
    """The port of an S3 server; it ends when its stdin does."""
    if importlib.util.find_spec("moto") is None:
        pytest.skip("moto is not installed")
    pipe = subprocess.PIPE
    argv = [sys.executable, "-c", BUCKET]
    with subprocess.Popen(
        argv, stdin=pipe, stdout=pipe, stderr=subprocess.DEVNULL, text=True
    ) as server:
        assert server.stdout is not None
        yield int(server.stdout.readline())
        assert server.stdin is not None
        server.stdin.close()


class _Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *_arguments: object) -> None:
        pass


@pytest.fixture
def web(tmp_path: Path) -> Iterator[tuple[Path, str]]:
    """A folder and the address at which a web server (one without ranges) shows it."""
    folder = tmp_path / "served"
    folder.mkdir()
    handler = functools.partial(_Quiet, directory=str(folder))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield folder, f"http://127.0.0.1:{server.server_address[1]}"
        server.shutdown()


def image(nifti: bytes, number: int) -> bytes:
    """Make an image of which no two have the same header, some kilobytes long."""
    header = bytearray(gzip.decompress(nifti)[:352])
    struct.pack_into("<8h", header, 40, 3, 10 + number, 20, 30, 1, 1, 1, 1)
    return gzip.compress(bytes(header) + random.Random(number).randbytes(4000), mtime=0)


@pytest.fixture
def git(
    run: Git, annex_tool: str, tool_environment: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> Git:
    """Run git in a folder, as one who may write to the buckets."""
    monkeypatch.setitem(tool_environment, "AWS_ACCESS_KEY_ID", "tests")
    monkeypatch.setitem(tool_environment, "AWS_SECRET_ACCESS_KEY", "tests")
    return lambda folder, *argv: run(folder, "git", *argv)


@pytest.fixture
def annexed(repository: Path, git: Git, nifti: bytes) -> Path:
    """A repository with three annexed images, one of them unlocked."""
    git(repository, "annex", "init", "here")
    git(repository, "config", "annex.security.allowed-ip-addresses", "all")
    folder = repository / "sub-x01" / "anat"
    folder.mkdir(parents=True)
    for number, suffix in enumerate(("T1w", "T2w", "T2star")):
        (folder / f"sub-x01_{suffix}.nii.gz").write_bytes(image(nifti, number))
    git(repository, "annex", "add", ".")
    git(repository, "annex", "unlock", "sub-x01/anat/sub-x01_T2w.nii.gz")
    git(repository, "commit", "-q", "-m", "images")
    return repository


def load(folder: Path, ref: str | None = None) -> Dataset:
    return load_dataset(open_tree(folder, ref), load_spec("spine-generic"))


def local(folder: Path) -> dict[str, Header | HeaderError | None]:
    dataset = load(folder)
    assert [scan.content.presence for scan in dataset.scans] == [Presence.PRESENT] * 3
    headers = Headers(dataset)
    return {scan.path: headers.read(scan) for scan in dataset.scans}


def remote(folder: Path, ref: str | None = None) -> dict[str, Header | Unreadable]:
    dataset = load(folder, ref)
    assert [scan.content.presence for scan in dataset.scans] == [Presence.ABSENT] * 3
    places = find_places(dataset.tree, dataset.scans, plain=True)
    options = RemoteOptions(Limits(connections=4, attempts=2, seconds=60), allow_private=True)
    return read_headers(dataset.scans, places, options)


def drop(folder: Path, git: Git) -> None:
    git(folder, "annex", "drop", "--force", ".")


def bucket(port: int, name: str, public: str = "yes") -> list[str]:
    """Return the settings of a bucket; `public` lets everybody read what is put there."""
    place = ["host=127.0.0.1", f"port={port}", "protocol=http", "requeststyle=path"]
    place.append(f"public={public}")
    return ["type=S3", "encryption=none", f"bucket=spinegate-{name}", *place]


S3 = {
    "plain": [],
    "prefix": ["fileprefix=all images+/"],
    "chunks": ["chunk=1KiB"],
}


@pytest.mark.parametrize("kind", S3)
@pytest.mark.parametrize("publicurl", [False, True])
def test_bucket(kind: str, publicurl: bool, annexed: Path, git: Git, s3: int) -> None:
    name = f"{kind}-{publicurl}".lower()
    settings = [*bucket(s3, name), *S3[kind]]
    if publicurl:  # then the bucket's own address isn't needed
        settings += [f"publicurl=http://127.0.0.1:{s3}/spinegate-{name}/"]
    git(annexed, "annex", "initremote", "store", *settings)
    git(annexed, "annex", "copy", "--to", "store", ".")
    before = local(annexed)
    drop(annexed, git)
    assert remote(annexed) == before
    assert remote(annexed, "HEAD") == before


def test_validate_reads_headers_from_a_bucket(
    annexed: Path, git: Git, s3: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    git(annexed, "annex", "initremote", "store", *bucket(s3, "validate"))
    git(annexed, "annex", "copy", "--to", "store", ".")
    drop(annexed, git)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    counts = {}
    for kind in ("local", "remote"):
        report = tmp_path / f"{kind}.json"
        arguments = ["--headers", kind, "--format", "json", "--output", str(report)]
        assert spinegate(["validate", str(annexed), "--private-remotes", *arguments]) == 1
        rules = {rule["code"]: rule for rule in json.loads(report.read_text())["rules"]}
        counts[kind] = rules["NIFTI_HEADER_BROKEN"]
    assert (counts["local"]["met"], counts["local"]["not_determinable"]) == (0, 3)
    assert (counts["remote"]["met"], counts["remote"]["not_determinable"]) == (3, 0)


def test_rules_say_why_a_header_cannot_be_had(
    annexed: Path, git: Git, s3: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    git(annexed, "annex", "initremote", "store", *bucket(s3, "closed", public="no"))
    git(annexed, "annex", "copy", "--to", "store", ".")
    drop(annexed, git)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    report = tmp_path / "report.jsonl"
    arguments = ["--headers", "remote", "--format", "jsonl", "--output", str(report)]
    spinegate(["validate", str(annexed), "--private-remotes", *arguments])
    records = map(json.loads, report.read_text().splitlines())
    rules = {record["code"]: record for record in records if record["type"] == "rule"}
    reason = "store doesn't let everybody read it (status 403)"
    for code in ("NIFTI_HEADER_BROKEN", "QFORM_SFORM_DISAGREE"):
        assert rules[code]["reasons"] == {reason: 3}


def test_bucket_for_its_owners_alone(annexed: Path, git: Git, s3: int) -> None:
    git(annexed, "annex", "initremote", "store", *bucket(s3, "private", public="no"))
    git(annexed, "annex", "copy", "--to", "store", ".")
    drop(annexed, git)
    reason = "store doesn't let everybody read it (status 403)"
    assert set(map(str, remote(annexed).values())) == {str(Unreadable(reason))}


@pytest.mark.parametrize("versioned", [False, True])
def test_bucket_with_the_files_own_names(
    versioned: bool, annexed: Path, git: Git, s3: int
) -> None:
    settings = [*bucket(s3, f"export-{versioned}".lower()), "exporttree=yes"]
    if versioned:
        settings.append("versioning=yes")
    git(annexed, "annex", "initremote", "store", *settings)
    git(annexed, "annex", "export", "HEAD", "--to", "store")
    before = local(annexed)
    if versioned:  # what lies there under these names is another file now, the old one is kept
        for path in before:
            (annexed / path).unlink()
            (annexed / path).write_bytes(b"another file")
        git(annexed, "annex", "add", ".")
        git(annexed, "commit", "-q", "-m", "others")
        git(annexed, "annex", "export", "HEAD", "--to", "store")
        git(annexed, "reset", "-q", "--hard", "HEAD~1")
    drop(annexed, git)
    assert remote(annexed) == before


def test_mirror_of_a_bucket(annexed: Path, git: Git, s3: int) -> None:
    git(annexed, "annex", "initremote", "store", *bucket(s3, "mirrored"))
    git(annexed, "annex", "copy", "--to", "store", ".")
    url = f"url=http://127.0.0.1:{s3}/spinegate-mirrored"
    git(annexed, "annex", "initremote", "mirror", "--sameas=store", "type=httpalso", url)
    before = local(annexed)
    drop(annexed, git)
    dataset = load(annexed)
    places = find_places(dataset.tree, dataset.scans, plain=True)
    assert places is not None
    assert dataset.scans[0].content.key is not None
    names = [address.name for address in places.of(dataset.scans[0].content.key)]
    assert names[0] == "mirror"
    assert names[-1] == "store"
    assert remote(annexed) == before


@pytest.mark.parametrize("layout", ["hashed", "exported"])
def test_folder_on_a_web_server(
    layout: str, annexed: Path, git: Git, web: tuple[Path, str]
) -> None:
    folder, url = web
    tree = "exporttree=yes" if layout == "exported" else "exporttree=no"
    settings = ["type=directory", f"directory={folder}", "encryption=none", tree]
    git(annexed, "annex", "initremote", "store", *settings)
    mirror = ["--sameas=store", "type=httpalso", f"url={url}", tree]
    git(annexed, "annex", "initremote", "mirror", *mirror)
    if layout == "exported":
        git(annexed, "annex", "export", "HEAD", "--to", "store")
    else:
        git(annexed, "annex", "copy", "--to", "store", ".")
    before = local(annexed)
    drop(annexed, git)
    assert remote(annexed) == before


def test_addresses_on_the_web(
    repository: Path, git: Git, web: tuple[Path, str], nifti: bytes
) -> None:
    folder, url = web
    git(repository, "annex", "init", "here")
    git(repository, "config", "annex.security.allowed-ip-addresses", "all")
    for number in range(3):
        (folder / f"image {number}.nii.gz").write_bytes(image(nifti, number))
        target = f"sub-x01/anat/sub-x01_run-{number}_T1w.nii.gz"
        git(repository, "annex", "addurl", "--file", target, f"{url}/image%20{number}.nii.gz")
    git(repository, "commit", "-q", "-m", "images")
    before = local(repository)
    drop(repository, git)
    assert remote(repository) == before


def test_contents_that_lie_nowhere(annexed: Path, git: Git) -> None:
    drop(annexed, git)
    reasons = {str(header) for header in remote(annexed).values()}
    assert reasons == {
        str(Unreadable("the git-annex branch names no remote that holds its content"))
    }


def test_contents_that_lie_where_no_http_leads(annexed: Path, git: Git, tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    settings = ["type=directory", f"directory={elsewhere}", "encryption=none"]
    git(annexed, "annex", "initremote", "disk", *settings)
    git(annexed, "annex", "copy", "--to", "disk", ".")
    drop(annexed, git)
    for header in remote(annexed).values():
        assert isinstance(header, Unreadable)
        assert header.reason.endswith("over HTTPS: disk")


def test_a_clone_reads_the_branch_of_its_origin(
    annexed: Path, git: Git, s3: int, tmp_path: Path
) -> None:
    git(annexed, "annex", "initremote", "store", *bucket(s3, "cloned"))
    git(annexed, "annex", "copy", "--to", "store", ".")
    clone = tmp_path / "clone"
    git(tmp_path, "clone", "-q", str(annexed), str(clone))
    assert remote(clone) == local(annexed)
    git(clone, "update-ref", "-d", "refs/remotes/origin/git-annex")
    assert {type(header) for header in remote(clone).values()} == {Unreadable}


def test_git_annex_agrees_where_contents_lie(annexed: Path, git: Git, s3: int) -> None:
    git(annexed, "annex", "initremote", "store", *bucket(s3, "whereis"))
    git(annexed, "annex", "copy", "--to", "store", "sub-x01/anat/sub-x01_T1w.nii.gz")
    git(annexed, "annex", "numcopies", "2")
    shutil.rmtree(annexed / ".git" / "annex" / "objects", ignore_errors=False, onerror=_unlock)
    dataset = load(annexed)
    places = find_places(dataset.tree, dataset.scans)
    assert places is not None
    assert places.branch.numcopies == 2
    said = git(annexed, "annex", "whereis", "--format", "${file}\\t${uuid}\\n").splitlines()
    theirs: dict[str, list[str]] = {}
    for path, _, uuid in (line.partition("\t") for line in said):
        theirs.setdefault(path, []).append(uuid)
    for scan in dataset.scans:
        assert scan.content.key is not None
        assert list(places.whereabouts.where[scan.content.key.text]) == sorted(theirs[scan.path])


def _unlock(function: Callable[[str], object], path: str, _error: object) -> None:
    Path(path).parent.chmod(0o755)
    function(path)
