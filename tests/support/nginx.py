"""Runs a real nginx in the test's folder."""

import os
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.support.product import eventually, listens, put_down

MAIN = """
{user}
pid {folder}/nginx.pid;
error_log {folder}/main.log;
worker_processes 1;
events {{}}
http {{
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    include {folder}/site.conf;
}}
"""


@contextmanager
def nginx(folder: Path, site: str, port: int) -> Iterator[None]:
    """Run nginx with the given `http` block. Waits until it listens on the port."""
    (folder / "site.conf").write_text(site, "utf-8")
    user = "user root;" if os.geteuid() == 0 else ""  # otherwise nginx's workers cannot enter pytest's folders
    (folder / "nginx.conf").write_text(MAIN.format(folder=folder, user=user), "utf-8")
    command = ["/usr/sbin/nginx", "-c", folder / "nginx.conf", "-e", folder / "main.log"]
    tested = subprocess.run([*command, "-t"], capture_output=True, text=True, check=False)
    assert tested.returncode == 0, tested.stderr
    assert "[warn]" not in tested.stderr
    process = subprocess.Popen([*command, "-g", "daemon off;"])
    try:
        eventually(lambda: listens(port), "nginx")
        yield
        process.send_signal(signal.SIGTERM)
        process.wait(180)
    finally:
        put_down(process)
