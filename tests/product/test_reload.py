"""SIGHUP reads the settings anew, and loses nothing that is under way; idle connections hold nobody up."""

import fcntl
import json
import os
import signal
import socket
from contextlib import ExitStack
from importlib.metadata import version
from pathlib import Path
from threading import Thread
from typing import Any
from urllib.parse import urlsplit

from cli.init import make_election_folder
from tests.support.product import CONFIRM, HtmlPage, Installation, eventually, exchange, free_port

PATIENCE = 180
ONE_WORKER = {"RETROUVE_WEB__WORKERS": "1"}
IDLE = 520


def lines(parts: Installation, name: str) -> list[dict[str, Any]]:
    """Return the lines that a process has logged."""
    file = parts.folder / "logs" / f"{name}.log"
    text = file.read_text("utf-8") if file.exists() else ""
    return [json.loads(line) for line in text.splitlines() if line.startswith("{")]


def logged(parts: Installation, name: str, event: str) -> list[dict[str, Any]]:
    """Return the lines of an event."""
    return [line for line in lines(parts, name) if line["event"] == event]


def rename_desk(folder: Path, phone: str) -> None:
    """Give the helpdesk another telephone number."""
    file = folder / "election.toml"
    file.write_text(file.read_text("utf-8").replace('"01 99 00 12 34"', f'"{phone}"'), "utf-8")


def test_the_first_line_of_the_site_says_what_runs(parts: Installation) -> None:
    """The line has address, version, workers and database without its password; every line is JSON, with the ids of requests."""
    parts.start("serve", ready=False, RETROUVE_DATABASE_URL="postgresql+psycopg://me:s3cret@127.0.0.1:1/base")
    eventually(lambda: logged(parts, "serve", "serving"), "the first line")

    first = lines(parts, "serve")[0]

    assert (first["event"], first["workers"], first["version"]) == ("serving", 2, version("retrouve"))
    assert first["address"] == f"127.0.0.1:{parts.port}"
    assert first["database"] == "postgresql+psycopg://me@127.0.0.1:1/base"
    assert "s3cret" not in (parts.folder / "logs/serve.log").read_text("utf-8")


def test_a_killed_worker_and_a_request_leave_lines_in_our_format(parts: Installation) -> None:
    """Granian's message about a dead worker is in our format, and a request's line has the id that the proxy gave."""
    parts.start("serve")
    os.kill(parts.workers[-1], signal.SIGKILL)
    eventually(lambda: logged(parts, "serve", "server"), "a line about the worker")
    given = "5f0c3a9d1b7e4c2f8a6d0e9b3c1f7a52"

    def noted() -> bool:
        try:
            exchange(parts.site, "GET", "/", headers={"X-Request-ID": given})
        except OSError:
            return False
        return any(line["request_id"] == given for line in logged(parts, "serve", "request"))

    eventually(noted, "the line of a request")


def test_the_site_reads_its_settings_anew_and_loses_nothing(parts: Installation) -> None:
    """A form that waits for the database when SIGHUP comes is answered by the worker that took it, and the next page is new."""
    parts.start("serve", **ONE_WORKER)
    serve, before = parts.parts["serve"], set(parts.workers)
    held = parts.browser().confirming("personne@ac-lumiere.example")
    answers: list[HtmlPage] = []
    post = Thread(
        target=lambda: answers.append(exchange(parts.site, "POST", CONFIRM, {}, held, seconds=PATIENCE)), daemon=True
    )
    rename_desk(parts.folder, "01 99 00 55 55")
    with (parts.folder / "election.toml").open("a", encoding="utf-8") as file:
        file.write("\n[metrics]\nserve_port = 9\n")
    with (parts.folder / "retrouve.sqlite3.turn").open("ab") as queue:
        fcntl.flock(queue, fcntl.LOCK_EX)
        post.start()
        serve.send_signal(signal.SIGHUP)
        eventually(lambda: set(parts.workers) - before, "a new worker", PATIENCE)
    post.join(PATIENCE)
    eventually(lambda: not before & set(parts.workers), "the end of the former worker", PATIENCE)

    assert [answer.status in {303, 503} for answer in answers] == [True]
    assert "01 99 00 55 55" in exchange(parts.site, "GET", "/").text
    assert logged(parts, "serve", "settings-read-again")[0]["needs_restart"] == ["metrics.serve_port"]


def test_refused_settings_leave_site_and_courier_as_they_are(parts: Installation) -> None:
    """A wrong setting, a taken address or keys of another election are logged, and both go on with what they read before."""
    for name in ("mailbox", "courier", "serve"):
        parts.start(name, **ONE_WORKER)
    eventually(lambda: logged(parts, "courier", "carrying"), "a courier")
    workers = parts.workers
    file, other = parts.folder / "election.toml", parts.folder / "other"
    settings = file.read_text("utf-8")

    def refuse(told: str, *names: str) -> None:
        for name in names:
            known = len(logged(parts, name, "settings-refused"))
            parts.parts[name].send_signal(signal.SIGHUP)
            eventually(lambda: len(logged(parts, name, "settings-refused")) > known, "the reason")  # noqa: B023  # run now
            assert told in logged(parts, name, "settings-refused")[-1]["reasons"][0]

    file.write_text(settings.replace("[desk]", "[desk]\nfax = 1", 1), "utf-8")
    refuse("fax", "courier", "serve")
    file.write_text(f"{settings}\n[metrics]\ncourier_port = {parts.port}\n", "utf-8")
    refuse(str(parts.port), "courier")
    file.write_text(settings, "utf-8")
    make_election_folder(other)
    for name in ("courier", "serve"):
        (other / "keys" / f"{name}.key").rename(parts.folder / "keys" / f"{name}.key")
    refuse("master.key", "courier", "serve")

    assert parts.workers == workers
    voter = parts.take_unused_voter()
    assert parts.browser().ask_for_link_mail(voter.email).step == "MP-4"
    assert parts.mail(voter.email).link


def test_the_courier_reads_its_settings_anew(parts: Installation) -> None:
    """After SIGHUP the same process sends with the new settings and serves its figures where it did, and stops at SIGTERM."""
    parts.variables["RETROUVE_METRICS__COURIER_PORT"] = str(free_port())
    for name in ("mailbox", "courier", "serve"):
        parts.start(name)
    courier = parts.parts["courier"]
    first = parts.take_unused_voter()
    parts.browser().ask_for_link_mail(first.email)
    assert "01 99 00 12 34" in parts.mail(first.email).words
    rename_desk(parts.folder, "01 99 00 55 55")
    with (parts.folder / "election.toml").open("a", encoding="utf-8") as file:
        file.write("\n[metrics]\nserve_port = 9\n")

    courier.send_signal(signal.SIGHUP)
    eventually(lambda: len(logged(parts, "courier", "carrying")) > 1, "the courier that follows", PATIENCE)
    second = parts.take_unused_voter()
    parts.browser().ask_for_link_mail(second.email)

    assert "01 99 00 55 55" in parts.mail(second.email).words
    assert {line["pid"] for line in logged(parts, "courier", "carrying")} == {courier.pid}
    courier.send_signal(signal.SIGTERM)
    assert courier.wait(PATIENCE) == 0


def test_idle_connections_do_not_silence_the_site_and_are_ended(parts: Installation) -> None:
    """520 connections that send nothing, or half a head, leave room for a page, and the site ends them."""
    parts.start("serve", **ONE_WORKER)
    place = urlsplit(parts.site)
    with ExitStack() as stack:
        address = (place.hostname or "", place.port or 0)
        idle = [stack.enter_context(socket.create_connection(address, PATIENCE)) for _ in range(IDLE)]
        idle[-1].sendall(b"GET / HTTP/1.1\r\n")

        assert exchange(parts.site, "GET", "/", seconds=PATIENCE).step == "MP-1"
        for each in (idle[0], idle[-1]):
            assert b"".join(iter(lambda: each.recv(4096), b""))[:12] in {b"", b"HTTP/1.1 408"}  # noqa: B023  # run now
