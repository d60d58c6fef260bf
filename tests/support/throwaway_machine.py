"""Copies of this machine in which a test may do as root what an operator does: accounts, /etc, /srv, servers.

Each copy is an overlay of the root file system, with its own processes. Nothing that is done there stays.
"""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from stat import S_IXOTH
from tempfile import TemporaryDirectory

from tests.support.postfix import AS_ROOT
from tests.support.product import Place, eventually

ROOT = Path(__file__).parents[2]
PROGRAM = Path("/opt/retrouve/.venv")
SECONDS = 60
UNSHARED = ("setpriv", "--pdeathsig=KILL", "unshare", "--mount", "--uts", "--pid", "--fork", "--kill-child")
MADE = """\
hostname {name}
mount -t tmpfs tmpfs {folder}
mkdir {folder}/upper {folder}/work {folder}/root
mount -t overlay -o lowerdir=/,upperdir={folder}/upper,workdir={folder}/work overlay {folder}/root
mount --rbind /dev {folder}/root/dev
mount -t tmpfs tmpfs {folder}/root/run
mount -t tmpfs tmpfs {folder}/root/tmp
chmod 1777 {folder}/root/tmp
mount -t proc proc {folder}/root/proc
touch {folder}/root/run/made
exec chroot {folder}/root bash -c 'sleep infinity & while kill -0 $!; do wait $!; done'
"""
"""The shell commands that make a copy in a folder. They end with its first process, a bash, which reaps orphans."""


@dataclass(frozen=True)
class Machine:
    """A copy of this machine."""

    inside: tuple[str, ...]

    def run(self, command: str, account: str = "root", **variables: str) -> "subprocess.CompletedProcess[str]":
        """Run a shell command there. Its error output is part of its output."""
        who = [] if account == "root" else ["runuser", "-u", account, "--"]
        given = ["env", "-i", "--chdir=/", *(f"{name}={value}" for name, value in (ENVIRONMENT | variables).items())]
        return subprocess.run(
            [*self.inside, *given, *who, "bash", "-c", command],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
            timeout=SECONDS,
            cwd="/",
        )

    def write(self, path: str, content: str | bytes) -> None:
        """Write a file there, as root."""
        given = content.encode() if isinstance(content, str) else content
        subprocess.run([*self.inside, "tee", path], input=given, stdout=subprocess.DEVNULL, check=True, cwd="/")

    def do(self, command: str) -> None:
        """Run a shell command there as root. It must succeed."""
        ended = self.run(command)
        assert ended.returncode == 0, f"{command}: {ended.stdout}"


ENVIRONMENT = {
    "HOME": "/root",
    "PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
    "LANG": "C.UTF-8",
}


@contextmanager
def throwaway_machine(name: str, place: Place | None = None) -> Iterator[Machine]:
    """Make a copy of this machine with that host name and the network of `place`. Needs root, or sudo without a password."""
    network = place.inside if place else ("unshare", "--net")
    with TemporaryDirectory(prefix="retrouve-machine-") as folder:
        made = MADE.format(folder=folder, name=name)
        process = subprocess.Popen(
            [*AS_ROOT, *network, *UNSHARED, "sh", "-euc", made],
            stdin=subprocess.DEVNULL,
            cwd="/",
        )
        first = eventually(lambda: _first_process(process.pid), "a copy of this machine")
        try:
            entered = ("nsenter", "--target", str(first), "--mount", "--uts", "--pid", "--net", "--root")
            machine = Machine((*AS_ROOT, *entered))
            eventually(lambda: machine.run("test -e /run/made").returncode == 0, "its folders")
            _open_checkout(machine)
            yield machine
        finally:
            subprocess.run([*AS_ROOT, "kill", "-KILL", str(first)], check=True)
            process.wait()


def _first_process(pid: int) -> int | None:
    """Return the process that `unshare` has started in the new process namespace."""
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    names = [(int(child), Path(f"/proc/{child}/comm").read_text().strip()) for child in children]
    for child, name in names:
        if name == "bash":
            return child
        if name in {"unshare", "ip", "sudo"}:
            return _first_process(child)
    return None


def _open_checkout(machine: Machine) -> None:
    """Let every account of the copy run this checkout's `retrouve` where the package installs it."""
    closed = {
        folder
        for path in (ROOT, Path(sys.base_prefix))
        for folder in (path, *path.parents)
        if not folder.stat().st_mode & S_IXOTH
    }
    machine.do(
        "\n".join(
            [
                *(f"chmod o+x {folder}" for folder in closed),
                f"mkdir -p {PROGRAM.parent} && ln -s {Path(sys.prefix)} {PROGRAM}",
                f"ln -s {PROGRAM}/bin/retrouve /usr/bin/retrouve",
                "ip link set lo up",
            ]
        )
    )
