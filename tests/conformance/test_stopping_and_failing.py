"""CASES 47 and 48: stopped in the middle of requests, and a disk that takes nothing more."""

import fcntl
import http.client
import os
import resource
import signal
import socket
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from shutil import move
from threading import Barrier, Event, Thread
from urllib.parse import urlencode, urlsplit

import pytest

from tests.support.disks import fill, remount, small_disk
from tests.support.product import (
    CHOOSE,
    MESSAGE,
    SECONDS_TO_STOP,
    Answer,
    Installation,
    answer_on,
    descendants,
    eventually,
    exchange,
    free_port,
    installation,
    listens,
    put_down,
)

VOTERS = 40
PASSWORD = "Nuage violet 2018"
TWICE = dict.fromkeys(("new_password", "new_password_again"), PASSWORD)
PATIENCE = 13
"""Ten seconds of waiting for the database, and some for everything else."""
REFUSED = "refused"
CUT = "cut"


def test_case_47_sigterm_answers_or_does_not_begin(tmp_path: Path) -> None:
    """CASE 47: SIGTERM in the middle of password posts: each was answered and done, or not answered and not begun."""
    with installation(tmp_path / "election") as made:
        for name in ("mailbox", "courier", "serve"):
            made.start(name)
        voters = [made.new_voter() for _ in range(VOTERS)]
        cookies = {email: first_cookie(made.site, link) for email, link in made.links_of(voters).items()}
        barrier, first = Barrier(VOTERS), Event()
        outcomes: dict[str, Answer | str] = {}

        def post(email: str) -> None:
            barrier.wait(20)
            outcomes[email] = outcome(made.site, cookies[email])
            first.set()

        threads = [Thread(target=post, args=(voter.email,)) for voter in voters]
        for thread in threads:
            thread.start()
        assert first.wait(20)
        serve = made.parts["serve"]
        serve.send_signal(signal.SIGTERM)
        assert serve.wait(SECONDS_TO_STOP) == 0
        for thread in threads:
            thread.join(30)
        done = {voter.email: made.epoch(voter) for voter in voters}
        answered = {email for email, got in outcomes.items() if isinstance(got, Answer)}
        assert len(outcomes) == VOTERS
        assert answered, "nothing was under way"
        for got in outcomes.values():
            if isinstance(got, Answer):
                assert (got.status, got.header("Location")) == (303, "/mot-de-passe/termine")
        assert {email: int(email in answered) for email in done} == done
        made.start("serve")
        again = {voter.email: outcome(made.site, cookies[voter.email]) for voter in voters[::7]}
        for email, got in again.items():
            assert isinstance(got, Answer)
            assert got.status == (410 if email in answered else 303)


def first_cookie(site: str, link: str) -> str:
    """The cookie that the link's first page gives."""
    return str(exchange(site, "GET", urlsplit(link).path).header("Set-Cookie")).partition(";")[0]


def outcome(site: str, cookie: str) -> Answer | str:
    """A whole answer to a password post, or how the connection ended."""
    place = urlsplit(site)
    headers = {"Cookie": cookie, "Content-Type": "application/x-www-form-urlencoded"}
    with closing(http.client.HTTPConnection(str(place.hostname), place.port, timeout=20)) as line:
        try:
            line.request("POST", CHOOSE, urlencode(TWICE), headers)
            return answer_on(line)
        except ConnectionRefusedError:
            return REFUSED
        except (OSError, http.client.HTTPException):
            return CUT


def test_case_47_idle_and_half_sent_requests_do_not_hold_up_the_stop(parts: Installation) -> None:
    """CASE 47: clients that keep a connection open, or send half a request, do not keep the site from stopping in time."""
    parts.start("serve")
    place = urlsplit(parts.site)
    address = (str(place.hostname), place.port or 0)
    idle = http.client.HTTPConnection(*address)
    idle.request("GET", "/")
    answer_on(idle)
    half, silent = socket.create_connection(address), socket.create_connection(address)
    half.sendall(b"POST / HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 100\r\n\r\nemail=")
    try:
        serve = parts.parts["serve"]
        family = descendants(serve.pid)
        serve.send_signal(signal.SIGTERM)
        assert serve.wait(SECONDS_TO_STOP) == 0
        eventually(lambda: not any(Path(f"/proc/{pid}").exists() for pid in family), "the end of its workers", 1)
    finally:
        for each in (idle, half, silent):
            each.close()


def test_worker_that_dies_is_replaced(parts: Installation) -> None:
    """A web process killed by the system is replaced, and the site goes on answering."""
    parts.start("mailbox")
    parts.start("courier")
    serve = parts.start("serve")
    workers = descendants(serve.pid)
    os.kill(workers[-1], signal.SIGKILL)
    eventually(lambda: set(descendants(serve.pid)) - set(workers), "a new worker")
    voter = parts.new_voter()
    eventually(lambda: works(parts, voter.email), "the site at work")
    assert parts.mail(voter.email).link.startswith(parts.site)


def works(made: Installation, email: str) -> bool:
    """Whether an ask goes through."""
    with suppress(OSError):
        return made.browser().ask(email).step == "MP-4"
    return False


# ── A disk that takes nothing more ───────────────────────────────────────────────────────────────────────


@contextmanager
def on_small_disk(folder: Path, *, logs: bool) -> Iterator[tuple[Installation, Path]]:
    """A product whose database is on a small disk, with its logs or without."""
    with installation(folder / "election") as made, small_disk(folder / "disk") as disk:
        file = made.folder / "retrouve.sqlite3"
        for path in made.folder.glob(f"{file.name}*"):
            move(path, disk / path.name)
        file.symlink_to(disk / file.name)
        made.variables["RETROUVE_DATABASE_URL"] = f"sqlite:///{disk / file.name}"
        if logs:
            (made.folder / "logs").rmdir()
            (disk / "logs").mkdir()
            (made.folder / "logs").symlink_to(disk / "logs")
        yield made, disk
        for process in made.parts.values():
            put_down(process)


def refuses_clearly(answer: Answer) -> None:
    """What a voter sees when nothing can be written."""
    assert (answer.status, answer.page.refusal) == (503, "unavailable")
    assert int(str(answer.header("Retry-After"))) > 0
    assert "Rien n'a été perdu ni changé" in answer.page.text
    assert "01 99 00 12 34" in answer.page.text


@pytest.mark.parametrize("logs", [False, True], ids=["database", "database and logs"])
def test_case_48_full_disk_is_a_clear_refusal_and_recovers_by_itself(tmp_path: Path, *, logs: bool) -> None:
    """CASE 48: on a full disk each act gets a clear 503 and changes nothing; with room again all goes on, without a restart."""
    with on_small_disk(tmp_path, logs=logs) as (made, disk):
        for name in ("mailbox", "courier", "serve"):
            made.start(name)
        voter, asking = made.new_voter(), made.new_voter()
        choosing, confirming = made.at_choice(voter), made.browser()
        confirming.confirm(asking.email)
        made.settled()
        fill(disk)
        # A first write may still fit where the database has room already: what counts is that each is whole or not at all.
        acts = [exchange(made.site, "POST", "/", {"email": asking.email}) for _ in range(40)]
        acts.append(exchange(made.site, "POST", "/mot-de-passe/confirmation", {}, {"Cookie": confirming.cookie}))
        fill(disk)
        chosen = exchange(made.site, "POST", CHOOSE, TWICE, {"Cookie": choosing.cookie})
        assert [each.status for each in acts].count(503) > 10, "the disk was not full"
        for each in (*acts, chosen):
            if each.status != 303:
                refuses_clearly(each)
        assert made.epoch(voter) == int(chosen.status == 303)
        assert exchange(made.site, "GET", "/").status == 200
        assert exchange(made.site, "GET", "/healthz").status == 200
        assert made.parts["courier"].poll() is None
        (disk / "ballast").unlink()
        assert made.browser().ask(asking.email).step == "MP-4"
        if chosen.status != 303:
            assert choosing.choose(PASSWORD).step == "MP-7"
        eventually(lambda: made.mails(asking.email), "a mail, from the courier that saw the disk full", 30)


def test_case_48_full_log_disk_stops_nothing(parts: Installation) -> None:
    """CASE 48: when only the logs have no room, pages are served and each mail goes out, once."""
    parts.start("mailbox")
    parts.start("courier", log_file=Path("/dev/full"))
    parts.start("serve", log_file=Path("/dev/full"), ready=False)
    eventually(lambda: listens(parts.port), "a site", 30)
    assert exchange(parts.site, "GET", "/").status == 200
    voters = [parts.new_voter() for _ in range(3)]
    assert [parts.browser().ask(voter.email).step for voter in voters] == ["MP-4"] * 3
    eventually(lambda: len(parts.mails()) >= len(voters), "their mails")
    parts.settled()
    assert parts.parts["courier"].poll() is None
    assert sorted(mail.to for mail in parts.mails()) == sorted(voter.email for voter in voters)


def test_case_48_limit_on_file_sizes_is_a_clear_refusal(parts: Installation) -> None:
    """CASE 48: when the system lets the site write nothing more, its acts get a 503, and it recovers without a restart."""
    for name in ("mailbox", "courier", "serve"):
        parts.start(name)
    voter = parts.new_voter()
    choosing = parts.at_choice(voter)
    parts.settled()
    workers = descendants(parts.parts["serve"].pid)
    limit(workers, 1024)
    refuses_clearly(exchange(parts.site, "POST", "/", {"email": voter.email}))
    refuses_clearly(exchange(parts.site, "POST", CHOOSE, TWICE, {"Cookie": choosing.cookie}))
    assert parts.epoch(voter) == 0
    assert exchange(parts.site, "GET", CHOOSE, headers={"Cookie": choosing.cookie}).page.step == "MP-6"
    limit(workers, resource.RLIM_INFINITY)
    assert choosing.choose(PASSWORD).step == "MP-7"


def limit(pids: list[int], size: int) -> None:
    """How large a file these processes may write."""
    for pid in pids:
        resource.prlimit(pid, resource.RLIMIT_FSIZE, (size, resource.RLIM_INFINITY))


def test_case_48_read_only_disk_is_a_clear_refusal(tmp_path: Path) -> None:
    """CASE 48: started on a read-only disk the site says so on /readyz and by a 503; writable again, it works."""
    with on_small_disk(tmp_path, logs=False) as (made, disk):
        remount(disk, "ro")
        made.start("mailbox")
        made.start("courier")
        made.start("serve", ready=False)
        eventually(lambda: alive_at(made.site), "a living site", 30)
        assert exchange(made.site, "GET", "/readyz").status == 503
        refuses_clearly(exchange(made.site, "POST", "/", {"email": "personne@ac-lumiere.example"}))
        refuses_clearly(exchange(made.site, "GET", MESSAGE, headers={"Cookie": "case=AAAAAAAAAAAAAAAAAAAAAA"}))
        remount(disk, "rw")
        voter = made.new_voter()
        assert made.browser().ask(voter.email).step == "MP-4"
        assert exchange(made.site, "GET", "/readyz").status == 200
        eventually(lambda: made.mails(voter.email), "a mail, from the courier that saw the disk read-only", 30)


def alive_at(site: str) -> bool:
    """Whether it answers at all."""
    try:
        return exchange(site, "GET", "/healthz").status == 200
    except (OSError, http.client.HTTPException):
        return False


def test_writers_wait_their_turn_no_longer_than_promised(parts: Installation) -> None:
    """Another process holds the writers' queue: after ten seconds a voter is told to try again, and not left waiting."""
    parts.start("serve")
    with (parts.folder / "retrouve.sqlite3.turn").open("ab") as queue:
        fcntl.flock(queue, fcntl.LOCK_EX)
        assert exchange(parts.site, "GET", "/").status == 200
        began = time.monotonic()
        with suppress(TimeoutError):
            answer = exchange(parts.site, "POST", "/", {"email": "personne@ac-lumiere.example"}, seconds=PATIENCE)
            assert answer.status in {303, 503}
        assert time.monotonic() - began < PATIENCE


def test_database_that_is_missing_is_told_and_not_made(parts: Installation) -> None:
    """A folder whose database is gone: /readyz says what to do; no page is a 500."""
    for path in parts.folder.glob("retrouve.sqlite3*"):
        path.unlink()
    parts.start("serve", ready=False, RETROUVE_WEB__WORKERS="1", RETROUVE_WEB__PORT=str(parts.port or free_port()))
    eventually(lambda: alive_at(parts.site), "a living site", 30)
    assert exchange(parts.site, "GET", "/readyz").status == 503
    refuses_clearly(exchange(parts.site, "POST", "/", {"email": "personne@ac-lumiere.example"}))
