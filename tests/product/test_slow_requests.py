"""A few requests that never end do not delay other visitors."""

import socket
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from threading import Event, Thread
from urllib.parse import urlsplit

import pytest

from tests.support.product import Installation, exchange, installation

HEAD = b"POST / HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: 900\r\n\r\n"
ONE_WORKER = {"RETROUVE_WEB__WORKERS": "1"}
PATIENCE = 180


@contextmanager
def unfinished(site: str, count: int, *, trickling: bool) -> Iterator[list[socket.socket]]:
    """Begin some forms and do not finish them. Either nothing more is sent, or one byte every tenth of a second."""
    place, over = urlsplit(site), Event()
    with ExitStack() as stack:
        sockets = [
            stack.enter_context(socket.create_connection((place.hostname or "", place.port or 80), PATIENCE))
            for _ in range(count)
        ]
        for each in sockets:
            each.sendall(HEAD)

        def trickle() -> None:
            while trickling and not over.wait(0.1):
                for each in sockets:
                    with suppress(OSError):
                        each.sendall(b"a")

        thread = Thread(target=trickle)
        thread.start()
        try:
            yield sockets
        finally:
            over.set()
            thread.join()


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Yield the address of a site that has one worker."""
    with installation(tmp_path_factory.mktemp("slow") / "election") as made:
        made.start("serve", **ONE_WORKER)
        yield made.site


@pytest.mark.parametrize("trickling", [False, True])
def test_a_dozen_slow_bodies_hold_nobody_up(site: str, *, trickling: bool) -> None:
    """With twelve slow forms, pages are served and other forms are accepted.

    Many more slow forms must be stopped by the proxy.
    """
    with unfinished(site, 12, trickling=trickling):
        assert exchange(site, "GET", "/").step == "MP-1"
        assert exchange(site, "POST", "/", {"email": "personne@ac-lumiere.example"}).status == 303


def test_a_proxy_declared_elsewhere_leaves_this_machine_admitted(parts: Installation) -> None:
    """The site accepts requests from its declared proxies, and also from its own machine."""
    parts.start("serve", **ONE_WORKER, RETROUVE_WEB__TRUSTED_PROXIES='["198.51.100.7/32"]')

    assert exchange(parts.site, "GET", "/").status == 200
