"""CASES 47 and 48: the site is stopped while it answers requests, or its disk is full or read-only."""

import http.client
import os
import resource
import signal
import socket
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from shutil import move
from threading import Barrier, Event, Thread
from urllib.parse import urlencode, urlsplit

from tests.support.disks import fill, remount, small_disk
from tests.support.product import (
    CHOOSE,
    CONFIRM,
    MESSAGE,
    SECONDS_TO_STOP,
    HtmlPage,
    Installation,
    descendants,
    eventually,
    exchange,
    installation,
    listens,
    put_down,
    read_response,
)

VOTERS = 40
PASSWORD = "Nuage violet 2018"
TWICE = dict.fromkeys(("new_password", "new_password_again"), PASSWORD)
PATIENCE = 180
"""Number of seconds to wait for an answer. The site waits ten seconds for the database. A busy machine needs longer."""
NOTHING_CHANGED = {"too-busy", "unavailable"}
REFUSED = "refused"
CUT = "cut"


def test_case_47_sigterm_answers_or_does_not_begin(running: Installation) -> None:
    """CASE 47: at SIGTERM, each form with a password is answered and done, or not answered and not begun.

    On a busy machine, a form may wait so long for its turn to hash, or for the database, that it is refused with 503.
    Such a page says that nothing was changed.
    """
    voters = [running.take_unused_voter() for _ in range(VOTERS)]
    cookies = {email: first_cookie(running.site, link) for email, link in running.links_of(voters).items()}
    barrier, first = Barrier(VOTERS), Event()
    outcomes: dict[str, HtmlPage | str] = {}

    def post(email: str) -> None:
        barrier.wait(180)
        outcomes[email] = outcome(running.site, cookies[email])
        first.set()

    threads = [Thread(target=post, args=(voter.email,)) for voter in voters]
    for thread in threads:
        thread.start()
    assert first.wait(180)
    serve = running.parts["serve"]
    serve.send_signal(signal.SIGTERM)
    assert serve.wait(SECONDS_TO_STOP) == 0
    for thread in threads:
        thread.join(180)
    done = {voter.email: running.epoch(voter) for voter in voters}
    running.start("serve")
    pages = {email: got for email, got in outcomes.items() if isinstance(got, HtmlPage)}
    answered = {email for email, page in pages.items() if page.refusal not in NOTHING_CHANGED}
    assert len(outcomes) == VOTERS
    assert answered, "nothing was under way"
    for email in answered:
        assert (pages[email].status, pages[email].header("Location")) == (303, "/mot-de-passe/termine")
    assert {email: int(email in answered) for email in done} == done
    again = {voter.email: outcome(running.site, cookies[voter.email]) for voter in voters[::7]}
    for email, got in again.items():
        assert isinstance(got, HtmlPage)
        assert got.status == (410 if email in answered else 303)


def first_cookie(site: str, link: str) -> str:
    """Return the cookie that the first page of a link sets."""
    return str(exchange(site, "GET", urlsplit(link).path).header("Set-Cookie")).partition(";")[0]


def outcome(site: str, cookie: str) -> HtmlPage | str:
    """Return the whole answer to a form with a password, or how the connection ended."""
    place = urlsplit(site)
    headers = {"Cookie": cookie, "Content-Type": "application/x-www-form-urlencoded"}
    with closing(http.client.HTTPConnection(str(place.hostname), place.port, timeout=180)) as line:
        try:
            line.request("POST", CHOOSE, urlencode(TWICE), headers)
            return read_response(line)
        except ConnectionRefusedError:
            return REFUSED
        except (OSError, http.client.HTTPException):
            return CUT


def test_worker_that_dies_is_replaced(running: Installation) -> None:
    """If all web processes are killed one after the other, the site continues to answer."""
    former = running.workers
    for worker in former:
        workers = running.workers
        os.kill(worker, signal.SIGKILL)
        eventually(lambda: set(running.workers) - set(workers), "a new worker")  # noqa: B023  # run now
    assert not set(former) & set(running.workers)
    voter = running.take_unused_voter()
    eventually(lambda: request_succeeds(running, voter.email), "the site at work")
    assert running.mail(voter.email).link.startswith(running.site)


def request_succeeds(made: Installation, email: str) -> bool:
    """Return whether a request for a link succeeds."""
    with suppress(OSError):
        return made.browser().ask_for_link_mail(email).step == "MP-4"
    return False


# ── Full and read-only disks ─────────────────────────────────────────────────────────────────────────────


@contextmanager
def on_small_disk(folder: Path, *, logs: bool) -> Iterator[tuple[Installation, Path]]:
    """Make a product whose database is on a small disk, until the end of the block.

    The logs may also be on a small disk.
    """
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


def assert_unavailable(answer: HtmlPage) -> None:
    """Check that the answer is the refusal that voters see when nothing can be written."""
    assert (answer.status, answer.refusal) == (503, "unavailable")
    assert int(str(answer.header("Retry-After"))) > 0
    assert "Rien n'a été perdu ni changé" in answer.text
    assert "01 99 00 12 34" in answer.text


def test_case_48_full_disk_is_a_clear_refusal_and_recovers_by_itself(tmp_path: Path) -> None:
    """CASE 48: on a full disk, each action gets a 503 and changes nothing, and works again when there is space."""
    with on_small_disk(tmp_path, logs=True) as (made, disk):
        made.start_product()
        voter, asking = made.take_unused_voter(), made.take_unused_voter()
        choosing = made.browser_at_new_password(voter)
        confirming = [made.browser().confirming(asking.email) for _ in range(41)]
        made.settled()
        fill(disk)
        # A first write may fit into free pages of the database: each must be whole or not done.
        acts = [exchange(made.site, "POST", CONFIRM, {}, held) for held in confirming]
        fill(disk)
        chosen = exchange(made.site, "POST", CHOOSE, TWICE, {"Cookie": choosing.cookie_header})
        assert [each.status for each in acts].count(503) > 10, "the disk was not full"
        for each in (*acts, chosen):
            if each.status != 303:
                assert_unavailable(each)
        assert made.epoch(voter) == int(chosen.status == 303)
        assert exchange(made.site, "GET", "/").status == 200
        assert exchange(made.site, "GET", "/healthz").status == 200
        assert made.parts["courier"].poll() is None
        (disk / "ballast").unlink()
        assert made.browser().ask_for_link_mail(asking.email).step == "MP-4"
        if chosen.status != 303:
            assert choosing.submit_new_password(PASSWORD).step == "MP-7"
        eventually(lambda: made.mails(asking.email), "a mail, from the courier that saw the disk full")


def test_case_48_full_log_disk_stops_nothing(parts: Installation) -> None:
    """CASE 48: if there is no space for logs, pages are served and each mail is sent once."""
    parts.start("mailbox")
    parts.start("courier", log_file=Path("/dev/full"))
    parts.start("serve", log_file=Path("/dev/full"), ready=False)
    eventually(lambda: listens(parts.port), "a site")
    assert exchange(parts.site, "GET", "/").status == 200
    voters = [parts.take_unused_voter() for _ in range(3)]
    assert [parts.browser().ask_for_link_mail(voter.email).step for voter in voters] == ["MP-4"] * 3
    eventually(lambda: len(parts.mails()) >= len(voters), "their mails")
    parts.settled()
    assert parts.parts["courier"].poll() is None
    assert sorted(mail.to for mail in parts.mails()) == sorted(voter.email for voter in voters)


def test_case_48_limit_on_file_sizes_is_a_clear_refusal(running: Installation) -> None:
    """CASE 48: while the system limits file sizes, actions get a 503. Afterwards they work again without a restart."""
    voter = running.take_unused_voter()
    choosing, confirming = running.browser_at_new_password(voter), running.browser().confirming(voter.email)
    running.settled()
    workers = descendants(running.parts["serve"].pid)
    limit(workers, 1024)
    assert_unavailable(exchange(running.site, "POST", CONFIRM, {}, confirming))
    assert_unavailable(exchange(running.site, "POST", CHOOSE, TWICE, {"Cookie": choosing.cookie_header}))
    assert running.epoch(voter) == 0
    assert exchange(running.site, "GET", CHOOSE, headers={"Cookie": choosing.cookie_header}).step == "MP-6"
    limit(workers, resource.RLIM_INFINITY)
    assert choosing.submit_new_password(PASSWORD).step == "MP-7"


def limit(pids: list[int], size: int) -> None:
    """Limit the size of the files that some processes may write."""
    for pid in pids:
        resource.prlimit(pid, resource.RLIMIT_FSIZE, (size, resource.RLIM_INFINITY))


def test_case_48_read_only_disk_is_a_clear_refusal(tmp_path: Path) -> None:
    """CASE 48: on a read-only disk, the site answers 503 and says so on /readyz. It works when the disk is writable."""
    with on_small_disk(tmp_path, logs=False) as (made, disk):
        remount(disk, "ro")
        made.start("mailbox")
        made.start("courier")
        made.start("serve", ready=False)
        eventually(lambda: answers_at(made.site), "a living site")
        assert exchange(made.site, "GET", "/readyz").status == 503
        confirming = made.browser().confirming("personne@ac-lumiere.example")
        assert_unavailable(exchange(made.site, "POST", CONFIRM, {}, confirming))
        shown = exchange(made.site, "GET", MESSAGE, headers={"Cookie": "case=AAAAAAAAAAAAAAAAAAAAAA"})
        assert (shown.status, shown.refusal) == (503, "page-unavailable")
        remount(disk, "rw")
        voter = made.take_unused_voter()
        assert made.browser().ask_for_link_mail(voter.email).step == "MP-4"
        made.ready()  # a worker repeats its former answer for a second
        eventually(lambda: made.mails(voter.email), "a mail, from the courier that saw the disk read-only")


def answers_at(site: str) -> bool:
    """Return whether the site gives any answer."""
    try:
        return exchange(site, "GET", "/healthz").status == 200
    except (OSError, http.client.HTTPException):
        return False


def test_a_writer_waits_some_seconds_for_the_write_lock(running: Installation) -> None:
    """If another process holds the database's lock, a voter waits some seconds and is then told to try again.

    Meanwhile pages are shown.
    """
    confirming = running.browser().confirming("personne@ac-lumiere.example")
    with closing(sqlite3.connect(running.folder / "retrouve.sqlite3", isolation_level=None)) as holder:
        holder.execute("BEGIN IMMEDIATE")
        assert exchange(running.site, "GET", "/").status == 200
        assert_unavailable(exchange(running.site, "POST", CONFIRM, {}, confirming, seconds=PATIENCE))


# ── The end of the running product ───────────────────────────────────────────────────────────────────────


def test_case_47_idle_and_half_sent_requests_do_not_hold_up_the_stop(running: Installation) -> None:
    """CASE 47: idle connections do not delay the end of the site.

    Half-sent requests delay it only as long as a request may take.
    """
    place = urlsplit(running.site)
    address = (str(place.hostname), place.port or 0)
    idle = http.client.HTTPConnection(*address)
    idle.request("GET", "/")
    read_response(idle)
    half, silent = socket.create_connection(address), socket.create_connection(address)
    half.sendall(b"POST / HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 100\r\n\r\nemail=")
    try:
        serve = running.parts["serve"]
        family = descendants(serve.pid)
        serve.send_signal(signal.SIGTERM)
        assert serve.wait(SECONDS_TO_STOP) == 0
        eventually(lambda: not any(Path(f"/proc/{pid}").exists() for pid in family), "the end of its workers")
    finally:
        for each in (idle, half, silent):
            each.close()


def test_a_missing_database_is_reported_and_not_made(running: Installation) -> None:
    """If its database is missing, the site says on /readyz what to do, and no page is a server error."""
    for name in ("courier", "serve"):
        running.kill(name)
    for path in running.folder.glob("retrouve.sqlite3*"):
        path.unlink()
    running.start("serve", ready=False, RETROUVE_WEB__WORKERS="1")
    eventually(lambda: answers_at(running.site), "a living site")
    assert exchange(running.site, "GET", "/readyz").status == 503
    confirming = running.browser().confirming("personne@ac-lumiere.example")
    assert_unavailable(exchange(running.site, "POST", CONFIRM, {}, confirming))
