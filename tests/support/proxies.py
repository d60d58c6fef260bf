"""Runs real proxies with the files in deploy/, in the test's folder."""

import http.client
import socket
import ssl
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.support.certificate import write_certificate
from tests.support.nginx import nginx
from tests.support.product import eventually, free_port, listens, put_down

DEPLOY = Path(__file__).parents[2] / "deploy"
SITE = "vote.exemple.fr"


@dataclass(frozen=True)
class Proxy:
    """A running proxy that uses a file in deploy/, with other ports."""

    folder: Path
    plain: int
    secure: int

    def ask(
        self, path: str, host: str = SITE, *, method: str = "GET", body: str = "", **headers: str
    ) -> tuple[http.client.HTTPResponse, str]:
        """Send a request over TLS, and return the answer."""
        context = ssl.create_default_context(cafile=self.folder / "fullchain.pem")
        with (
            socket.create_connection(("127.0.0.1", self.secure), 10) as line,
            context.wrap_socket(line, server_hostname=host) as secure,
        ):
            length = {"Content-Length": f"{len(body)}"} if method == "POST" else {}
            sent = {"Host": host, "Connection": "close", **length, **headers}
            lines = "".join(f"{name}: {value}\r\n" for name, value in sent.items())
            secure.sendall(f"{method} {path} HTTP/1.1\r\n{lines}\r\n{body}".encode())
            response = http.client.HTTPResponse(secure)
            response.begin()
            return response, response.read().decode()

    def written(self) -> str:
        """Return the text of all log files of the proxy."""
        return "".join(path.read_text("utf-8") for path in self.folder.glob("*.log"))


@contextmanager
def running_nginx(folder: Path, *ports: int) -> Iterator[Proxy]:
    """Run nginx in front of hosts at the given ports."""
    made = _proxy(folder)
    hosts = "\n".join(f"server 127.0.0.1:{port} max_fails=2 fail_timeout=5s;" for port in ports)
    changes = {
        "server 127.0.0.1:8000 max_fails=2 fail_timeout=5s;": hosts,
        f"/etc/letsencrypt/live/{SITE}": str(folder),
        "/var/log/nginx": str(folder),
        "listen 80": f"listen 127.0.0.1:{made.plain}",
        "listen 443": f"listen 127.0.0.1:{made.secure}",
    }
    with nginx(folder, _changed("nginx/retrouve.conf", changes), made.secure):
        yield made


@contextmanager
def running_haproxy(folder: Path, *ports: int) -> Iterator[Proxy]:
    """Run HAProxy in front of hosts at the given ports."""
    made = _proxy(folder)
    pem = folder / f"{SITE}.pem"
    pem.write_bytes((folder / "fullchain.pem").read_bytes() + (folder / "privkey.pem").read_bytes())
    changes = {
        "    server host1 192.0.2.1:8000\n": "",
        "    server host2 192.0.2.2:8000\n": "".join(f"    server host{port} 127.0.0.1:{port}\n" for port in ports),
        "    server backup1 192.0.2.1:8000 no-check track alive/host1 backup\n": "",
        "    server backup2 192.0.2.2:8000 no-check track alive/host2 backup\n": "".join(
            f"    server backup{port} 127.0.0.1:{port} no-check track alive/host{port} backup\n" for port in ports
        ),
        "/dev/log local0": "stdout format raw local0",
        "    chroot /var/lib/haproxy\n    user haproxy\n    group haproxy\n": "",
        "/etc/haproxy/away.html": str(DEPLOY / "haproxy/away.html"),
        f"/etc/haproxy/{SITE}.pem": str(pem),
        "bind :80": f"bind 127.0.0.1:{made.plain}",
        "bind :443": f"bind 127.0.0.1:{made.secure}",
        "inter 2s": "inter 100ms",
    }
    (folder / "haproxy.cfg").write_text(_changed("haproxy/haproxy.cfg", changes), "utf-8")
    command = ["/usr/sbin/haproxy", "-f", folder / "haproxy.cfg"]
    tested = subprocess.run([*command, "-c", "-dW"], capture_output=True, text=True, check=False)
    assert tested.returncode == 0, tested.stderr
    with (folder / "haproxy.log").open("w") as log:
        process = subprocess.Popen([*command, "-db"], stdout=log, stderr=log)
        try:
            eventually(lambda: listens(made.secure), "HAProxy")
            yield made
        finally:
            put_down(process)


def _proxy(folder: Path) -> Proxy:
    write_certificate(SITE, folder / "fullchain.pem", folder / "privkey.pem")
    return Proxy(folder, free_port(), free_port())


def _changed(name: str, changes: dict[str, str]) -> str:
    text = (DEPLOY / name).read_text("utf-8")
    for old, new in changes.items():
        assert old in text, old
        text = text.replace(old, new)
    return text
