"""An S3 server on loopback that can be slow, refuse what is put there, and die."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

SERVER = """
import pathlib, sys, time
from moto.server import DomainDispatcherApplication, create_backend_app
from werkzeug.serving import make_server

folder = pathlib.Path(sys.argv[1])
inner = DomainDispatcherApplication(create_backend_app)
count = 0

def application(environ, respond):
    global count
    image = "SHA256" in environ["PATH_INFO"]
    if environ["REQUEST_METHOD"] == "PUT" and image:
        limit = folder / "limit"
        if limit.exists() and count >= int(limit.read_text()):
            respond("403 Forbidden", [("Content-Length", "0")])
            return [b""]
        count += 1
        (folder / "count").write_text(str(count))
        if (folder / "slow").exists():
            time.sleep(0.2)
    return inner(environ, respond)

server = make_server("127.0.0.1", 0, application, threaded=True)
print(server.port, flush=True)
server.serve_forever()
"""


@dataclass(frozen=True, slots=True)
class Bucket:
    """Files in `folder` say how it behaves: `limit` (how many it takes), `slow`."""

    process: subprocess.Popen[str]
    folder: Path
    port: int

    @property
    def count(self) -> int:
        """How many contents were put there."""
        file = self.folder / "count"
        return int(file.read_text() or 0) if file.exists() else 0

    def settings(self) -> list[str]:
        place = ["host=127.0.0.1", f"port={self.port}", "protocol=http", "requeststyle=path"]
        return ["type=S3", "encryption=none", "bucket=contents", "public=yes", *place]


def start_bucket(folder: Path) -> Bucket:
    folder.mkdir()
    argv = [sys.executable, "-c", SERVER, str(folder)]
    with (folder / "log").open("w") as log:
        process = subprocess.Popen(argv, stdout=subprocess.PIPE, stderr=log, text=True)
    assert process.stdout is not None
    return Bucket(process, folder, int(process.stdout.readline()))
