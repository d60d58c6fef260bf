"""At SIGHUP, the programs read the settings again without losing work. Idle connections do not delay this."""

import fcntl
import json
import os
import re
import signal
import socket
from collections.abc import Iterator
from contextlib import ExitStack, suppress
from importlib.metadata import version
from pathlib import Path
from threading import Thread
from typing import Any
from urllib.parse import urlsplit

import pytest

from cli.checks import DoctorCheckSeverity
from cli.checks.network_services import check_reloads
from cli.init import make_election_folder
from tests.support.product import CONFIRM, HtmlPage, Installation, eventually, exchange, free_port, installation
from tests.support.settings import load_with

PATIENCE = 180
IDLE = 520


def lines(parts: Installation, name: str) -> list[dict[str, Any]]:
    """Return the lines that a process has logged."""
    file = parts.log(name)
    text = file.read_text("utf-8") if file.exists() else ""
    return [json.loads(line) for line in text.splitlines() if line.startswith("{")]


def logged(parts: Installation, name: str, event: str) -> list[dict[str, Any]]:
    """Return the logged lines with a given event."""
    return [line for line in lines(parts, name) if line["event"] == event]


def change_settings(folder: Path, phone: str) -> None:
    """Change the helpdesk's number, and the address of the site's metrics, which needs a restart."""
    file = folder / "election.toml"
    text, phones = re.subn(r'"01 99 00 \d\d \d\d"', f'"{phone}"', file.read_text("utf-8"))
    text, addresses = re.subn(r"\[metrics\]\n(serve_port = 9\n)?courier", "[metrics]\nserve_port = 9\ncourier", text)
    assert (phones, addresses) == (1, 1)
    file.write_text(text, "utf-8")


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    """Run a product whose site has one worker and whose courier exports metrics."""
    with installation(tmp_path_factory.mktemp("reload") / "election") as made:
        with (made.folder / "election.toml").open("a", encoding="utf-8") as file:
            file.write(f"\n[metrics]\ncourier_port = {free_port()}\n")
        made.start_product(RETROUVE_WEB__WORKERS="1")
        yield made


def test_the_first_line_of_the_site_says_what_runs(parts: Installation) -> None:
    """The first line of the site's log says what runs, without the database's password. Every line is JSON."""
    parts.start("serve", ready=False, RETROUVE_DATABASE_URL="postgresql+psycopg://me:s3cret@127.0.0.1:1/base")
    eventually(lambda: logged(parts, "serve", "serving"), "the first line")

    first = lines(parts, "serve")[0]

    assert (first["event"], first["workers"], first["version"]) == ("serving", 2, version("retrouve"))
    assert first["address"] == f"127.0.0.1:{parts.port}"
    assert first["database"] == "postgresql+psycopg://me@127.0.0.1:1/base"
    assert "s3cret" not in (parts.folder / "logs/serve.log").read_text("utf-8")


def test_a_killed_worker_and_a_request_leave_lines_in_our_format(running: Installation) -> None:
    """Granian's message about a dead worker has our log format, and the line of a request has the id from the proxy."""
    os.kill(running.workers[-1], signal.SIGKILL)
    eventually(lambda: logged(running, "serve", "server"), "a line about the worker")
    given = "5f0c3a9d1b7e4c2f8a6d0e9b3c1f7a52"

    def noted() -> bool:
        try:
            exchange(running.site, "GET", "/", headers={"X-Request-ID": given})
        except OSError:
            return False
        return any(line["request_id"] == given for line in logged(running, "serve", "request"))

    eventually(noted, "the line of a request")


def test_refused_settings_leave_site_and_courier_as_they_are(running: Installation) -> None:
    """If the new settings or keys are invalid, the site and the courier log this and keep the old ones."""
    eventually(lambda: logged(running, "courier", "carrying"), "a courier")
    workers = running.workers
    file, other = running.folder / "election.toml", running.folder / "other"
    settings = file.read_text("utf-8")

    def refuse(told: str, *names: str) -> None:
        for name in names:
            known = len(logged(running, name, "settings-refused"))
            running.parts[name].send_signal(signal.SIGHUP)
            eventually(lambda: len(logged(running, name, "settings-refused")) > known, "the reason")  # noqa: B023  # run now
            assert told in logged(running, name, "settings-refused")[-1]["reasons"][0]

    file.write_text(settings.replace("[desk]", "[desk]\nfax = 1", 1), "utf-8")
    refuse("fax", "courier", "serve")
    file.write_text(re.sub("courier_port = .*", f"courier_port = {running.port}", settings), "utf-8")
    refuse(str(running.port), "courier")
    file.write_text(settings, "utf-8")
    make_election_folder(other)
    keys = {name: (running.folder / "keys" / f"{name}.key").read_bytes() for name in ("courier", "serve")}
    for name in keys:
        (other / "keys" / f"{name}.key").rename(running.folder / "keys" / f"{name}.key")
    refuse("master.key", "courier", "serve")
    for name, key in keys.items():
        (running.folder / "keys" / f"{name}.key").write_bytes(key)

    assert running.workers == workers
    voter = running.take_unused_voter()
    assert running.browser().ask_for_link_mail(voter.email).step == "MP-4"
    assert running.mail(voter.email).link


def test_the_site_reads_its_settings_anew_and_loses_nothing(running: Installation) -> None:
    """A form that waits for the database at SIGHUP is answered by its worker, and the next page has the new settings."""
    serve, before = running.parts["serve"], set(running.workers)
    held = running.browser().confirming("personne@ac-lumiere.example")
    answers: list[HtmlPage] = []
    post = Thread(
        target=lambda: answers.append(exchange(running.site, "POST", CONFIRM, {}, held, seconds=PATIENCE)), daemon=True
    )
    change_settings(running.folder, "01 99 00 55 55")
    with (running.folder / "retrouve.sqlite3.turn").open("ab") as queue:
        fcntl.flock(queue, fcntl.LOCK_EX)
        post.start()
        serve.send_signal(signal.SIGHUP)
        eventually(lambda: set(running.workers) - before, "a new worker", PATIENCE)
    post.join(PATIENCE)
    eventually(lambda: not before & set(running.workers), "the end of the former worker", PATIENCE)

    assert [answer.status in {303, 503} for answer in answers] == [True]
    assert "01 99 00 55 55" in exchange(running.site, "GET", "/").text
    assert logged(running, "serve", "settings-read-again")[0]["needs_restart"] == ["metrics.serve_port"]


def test_the_courier_reads_its_settings_anew(running: Installation) -> None:
    """After SIGHUP, the same courier process uses the new settings. It still exports metrics, and stops at SIGTERM."""
    courier = running.parts["courier"]
    first = running.take_unused_voter()
    running.browser().ask_for_link_mail(first.email)
    assert "01 99 00 66 66" not in running.mail(first.email).words
    change_settings(running.folder, "01 99 00 66 66")

    courier.send_signal(signal.SIGHUP)
    eventually(lambda: len(logged(running, "courier", "carrying")) > 1, "the courier that follows", PATIENCE)
    second = running.take_unused_voter()
    running.browser().ask_for_link_mail(second.email)

    assert "01 99 00 66 66" in running.mail(second.email).words
    assert {line["pid"] for line in logged(running, "courier", "carrying")} == {courier.pid}
    courier.send_signal(signal.SIGTERM)
    assert courier.wait(PATIENCE) == 0


def test_idle_connections_do_not_silence_the_site_and_are_ended(running: Installation) -> None:
    """With 520 connections that send nothing or half a request, the site still serves a page, and closes them."""
    place = urlsplit(running.site)
    with ExitStack() as stack:
        address = (place.hostname or "", place.port or 0)
        idle = [stack.enter_context(socket.create_connection(address, PATIENCE)) for _ in range(IDLE)]
        idle[-1].sendall(b"GET / HTTP/1.1\r\n")

        assert exchange(running.site, "GET", "/", seconds=PATIENCE).step == "MP-1"
        for each in (idle[0], idle[-1]):
            assert b"".join(iter(lambda: each.recv(4096), b""))[:12] in {b"", b"HTTP/1.1 408"}  # noqa: B023  # run now


def test_case_71_refused_settings_and_dead_workers_leave_the_site_as_it_was(parts: Installation) -> None:
    """CASE 71: after a refused reload, workers that die are replaced by workers with the old settings.

    A metric and doctor say that the reload was refused.
    """
    port = free_port()
    serve = parts.start("serve", RETROUVE_METRICS__SERVE_PORT=str(port))
    file, before = parts.folder / "election.toml", sorted(parts.workers, key=started)
    workers = before[1:]  # the first process serves the metrics
    assert refused_reload_metric(port) == "0.0"
    accepted = file.read_text("utf-8")
    file.write_text(accepted.replace("[desk]", "[desk]\nfax = 1", 1), "utf-8")

    serve.send_signal(signal.SIGHUP)
    for worker in workers:
        os.kill(worker, signal.SIGKILL)
    eventually(lambda: logged(parts, "serve", "settings-refused"), "the reason")
    eventually(lambda: len(set(parts.workers) - set(before)) == len(workers), "new workers")
    parts.ready()

    assert serve.poll() is None
    voter = parts.take_unused_voter()
    assert parts.browser().ask_for_link_mail(voter.email).step == "MP-4"
    assert refused_reload_metric(port) == "1.0"
    known = len(logged(parts, "serve", "settings-refused"))
    file.unlink()
    file.mkdir()
    serve.send_signal(signal.SIGHUP)
    eventually(lambda: len(logged(parts, "serve", "settings-refused")) > known, "the reason why nothing was read")
    assert exchange(parts.site, "GET", "/").status == 200
    file.rmdir()
    file.write_text(accepted, "utf-8")
    settings = load_with(parts.folder, {"RETROUVE_METRICS__SERVE_PORT": str(port)})
    (refused,) = check_reloads(settings)  # the settings are right again, but the site has not read them
    assert refused.verdict is DoctorCheckSeverity.ATTENTION

    serve.send_signal(signal.SIGHUP)
    eventually(lambda: refused_reload_metric(port) == "0.0", "an accepted reload", PATIENCE)
    assert not [*check_reloads(settings)]


def started(pid: int) -> int:
    """Return when a process was started (proc(5): starttime).

    Process ids do not tell the order, because the kernel begins again at small numbers.
    """
    return int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[19])


def refused_reload_metric(port: int) -> str:
    """Return the value of the metric that says whether the last reload was refused."""

    def metrics() -> str | None:
        with suppress(ConnectionRefusedError):  # the process of the metrics may start after the site answers
            return exchange(f"http://127.0.0.1:{port}", "GET", "/metrics").body
        return None

    body = eventually(metrics, "the metrics")
    (value,) = re.findall(r"^retrouve_settings_refused (\S+)$", body, re.MULTILINE)
    return str(value)
