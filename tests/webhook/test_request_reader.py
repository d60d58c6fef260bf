"""Requests are received whole before they are answered, from whoever may connect."""

import socket
import time
from ipaddress import ip_network

import pytest
from flask import Flask, request
from werkzeug.test import Client

from webhook import request_body_reader
from webhook.request_body_reader import (
    ENOUGH,
    RequestAwaitingAnswer,
    RequestBodyReader,
    overdue_requests,
    shut_connections,
    unanswered_connections,
)
from webhook.request_origin import may_peer_connect

PROXY, GATEWAY = ip_network("192.0.2.0/28"), ip_network("198.51.100.7/32")


def site() -> Flask:
    """An application that answers what it was sent."""
    app = Flask(__name__)
    app.config["MAX_CONTENT_LENGTH"] = ENOUGH - 1

    @app.post("/")
    def echo() -> bytes:
        return request.get_data()

    return app


def reader(application: Flask | None = None, *, admitted: bool = True) -> RequestBodyReader:
    """Read for that application."""
    return RequestBodyReader(application or site(), admitted=lambda _peer: admitted)


def test_a_body_arrives_as_it_was_sent() -> None:
    """A body arrives byte for byte, up to the limit of the application."""
    for body in (b"", b"email=x", b"a" * (ENOUGH - 1)):
        assert Client(reader()).post("/", data=body).data == body, len(body)


def test_a_body_that_is_too_long_is_refused() -> None:
    """The application refuses a body that is too long, without all of it being read."""
    assert Client(reader()).post("/", data=b"a" * (10 * ENOUGH)).status_code == 413


class Trickle:
    """A body of which some has come when its connection is shut, too late."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.now = 0.0
        monkeypatch.setattr(request_body_reader.time, "monotonic", lambda: self.now)

    def read(self, _size: int) -> bytes:
        """Return what has come, and let time pass."""
        self.now += request_body_reader.BODY_SECONDS + 1
        return b"aaa"


def test_a_body_that_trickles_in_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    """The connection is given up with a body that trickles in."""
    slow = Trickle(monkeypatch)

    answer = Client(reader()).post("/", environ_overrides={"wsgi.input": slow, "CONTENT_LENGTH": "900"})

    assert (answer.status_code, answer.headers["Connection"]) == (408, "close")


def test_who_may_not_connect_is_refused_before_anything_is_read() -> None:
    """A peer that may not connect is refused without waiting for a body."""
    answer = Client(reader(admitted=False)).post("/", environ_overrides={"wsgi.input": None, "CONTENT_LENGTH": "9"})

    assert (answer.status_code, answer.data) == (403, b"")


def test_a_connection_is_unanswered_from_its_request_to_the_answer() -> None:
    """The next request makes it unanswered anew."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port = listening.getsockname()[1]
        with socket.create_connection(("127.0.0.1", port)) as visitor, listening.accept()[0] as connection:
            assert unanswered_connections(port) == {}, "nothing was asked"
            visitor.sendall(b"one")
            connection.recv(3)
            (first,) = unanswered_connections(port)
            time.sleep(0.05)
            connection.sendall(b"answer")
            visitor.recv(6)
            time.sleep(0.05)
            assert unanswered_connections(port) == {}
            visitor.sendall(b"two")
            connection.recv(3)
            (second,), found = unanswered_connections(port), unanswered_connections(port).values()

            assert (first.inode, first.acknowledged < second.acknowledged) == (second.inode, True)
            shut_connections(each.descriptor for each in found)
            assert visitor.recv(1) == b""


def test_a_request_that_waits_for_a_thread_is_ended_after_those_that_are_read() -> None:
    """Threads take the oldest first; a request that is whole gets nothing more."""
    whole, young = (
        RequestAwaitingAnswer(came=2.0, heard=2.0, descriptor=1),
        RequestAwaitingAnswer(came=4.0, heard=4.0, descriptor=2),
    )
    silent, trickling = (
        RequestAwaitingAnswer(came=1.0, heard=1.0, descriptor=3),
        RequestAwaitingAnswer(came=2.5, heard=8.0, descriptor=4),
    )

    assert overdue_requests([whole, young, silent, trickling], now=8.5) == [4, 3, 1]


def test_once_proxies_are_declared_visitors_come_by_them() -> None:
    """Gateways and this machine connect directly."""
    for peer, may in (
        ("192.0.2.7", True),
        ("::ffff:192.0.2.7", True),
        ("198.51.100.7", True),
        ("127.0.0.1", True),
        ("127.8.9.10", True),
        ("::1", True),
        ("192.0.2.16", False),
        ("10.0.0.1", False),
        ("2001:db8::1", False),
        ("", False),
        ("nobody", False),
    ):
        assert may_peer_connect([PROXY], [GATEWAY], peer) is may, peer
        assert may_peer_connect([], [GATEWAY], peer), peer
