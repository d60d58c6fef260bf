"""Runs a private Postfix on loopback in a temporary folder."""

import os
import stat
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.support.product import eventually, listens

PROGRAM = "/usr/sbin/postfix"
NOBODY = 65534
AS_ROOT = () if os.geteuid() == 0 else ("sudo", "--non-interactive")
"""Prefix of commands that must run as root. Postfix starts as root and gives up its privileges itself."""
SETTINGS = """\
compatibility_level = 3.6
queue_directory = {folder}/queue
data_directory = {folder}/data
maillog_file = {folder}/log/mail.log
maillog_file_prefixes = {folder}
multi_instance_enable = no
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
smtpd_peername_lookup = no
myhostname = relay.example
mydestination = {local}
mynetworks = 127.0.0.0/8
alias_maps =
alias_database =
biff = no
default_transport = error:5.1.2 nobody is reached from here
recipient_delimiter = +
{routes}
minimal_backoff_time = 1s
maximal_backoff_time = 1s
queue_run_delay = 1s
# Who is unknown here is accepted first, and bounces afterwards.
local_recipient_maps =
smtpd_reject_unlisted_recipient = no
"""
SERVICES = """\
127.0.0.1:{port} inet n - n - - smtpd
pickup unix n - n 60 1 pickup
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
verify unix - - n - 1 verify
flush unix n - n 1000? 0 flush
proxymap unix - - n - - proxymap
error unix - - n - - error
retry unix - - n - - error
local unix - n n - - local
relay unix - - n - - smtp
anvil unix - - n - 1 anvil
postlog unix-dgram n - n - 1 postlogd
"""


@dataclass(frozen=True)
class Postfix:
    folder: Path

    @property
    def log(self) -> str:
        return (self.folder / "log/mail.log").read_text(encoding="utf-8")

    def try_again(self) -> None:
        """Retry the deferred mails now instead of after five minutes."""
        _as_root("postqueue", "-c", self.folder / "etc", "-f")


@contextmanager
def postfix(port: int, *, local: str, pipe: str, main: str) -> Iterator[Postfix]:
    """Run a Postfix that accepts mails for the domain `local`, and bounces them because it has no mailboxes.

    `pipe` is the service in master.cf that takes the bounces. `main` contains the lines of main.cf that lead them there.
    """
    with TemporaryDirectory(prefix="retrouve-postfix-", ignore_cleanup_errors=bool(AS_ROOT)) as temporary:
        folder = Path(temporary)
        folder.chmod(0o755)
        for name in ("etc", "queue", "data", "log"):
            (folder / name).mkdir()
        facts = {"folder": folder, "port": port, "local": local, "routes": main}
        (folder / "etc/main.cf").write_text(SETTINGS.format(**facts))
        (folder / "etc/master.cf").write_text(SERVICES.format(**facts) + pipe)
        _as_root("chown", "postfix", folder / "data")
        _as_root("chown", "root", folder / "etc", folder / "queue", folder / "etc/main.cf", folder / "etc/master.cf")
        _as_root(*_seeing_python(folder), PROGRAM, "-c", folder / "etc", "start")
        try:
            eventually(lambda: listens(port), "a relay")
            yield Postfix(folder)
        finally:
            _as_root(PROGRAM, "-c", folder / "etc", "stop")


def _seeing_python(folder: Path) -> tuple[str | Path, ...]:
    """Return a command prefix for a server whose account cannot enter the folder of this Python.

    With the prefix, the server sees the folder through an overlay in a new mount namespace. Nothing on the disk
    changes.
    """
    closed = [each for each in reversed(Path(sys.base_prefix).parents) if not each.stat().st_mode & stat.S_IXOTH]
    if not closed:
        return ()
    above = folder / "above"
    above.mkdir()
    layers = f"lowerdir={closed[0]},upperdir={above}/up,workdir={above}/work"
    opened = (
        f"mount -t tmpfs tmpfs {above}",
        f"mkdir {above}/up {above}/work",
        f"mount -t overlay -o {layers} overlay {closed[0]}",
        f"chmod 755 {closed[0]}",
        'exec "$@"',
    )
    return "unshare", "--mount", "sh", "-c", " && ".join(opened), "sh"


def _as_root(program: str | Path, *arguments: str | Path) -> None:
    subprocess.run([*AS_ROOT, program, *arguments], check=True, capture_output=True, cwd="/")
