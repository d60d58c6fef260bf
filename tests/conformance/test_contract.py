"""DESIGN section 10: what the README, the guides and other people's scripts may rely on."""

import json
import re
import signal
import socket
import subprocess
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from cli.demo import PARIS
from tests.support.product import (
    MESSAGE,
    RETROUVE,
    SECONDS_TO_STOP,
    Browser,
    Demo,
    Installation,
    Voter,
    demo,
    descendants,
    eventually,
    exchange,
    free_port,
    put_down,
)

MAIL_FIELDS = {"id", "channel", "to", "subject", "text", "html", "at", "status"}
PORT_TAKEN_SECONDS = 20


def test_first_page_is_mp_1_and_asks_for_email(product: Demo) -> None:
    """GET / is MP-1, with one field named `email`, and says which step it is; no case exists yet."""
    page = product.browser().get("/")
    assert (page.status, page.step, page.case) == (200, "MP-1", None)
    assert re.findall(r'<input[^>]* name="(\w+)"', page.body) == ["email"]


def test_each_step_says_its_code_and_its_case(product: Demo, voter: Voter) -> None:
    """From MP-1 to EV-1 each page carries its step, and one case number throughout the recovery."""
    browser = product.browser()
    ways = browser.post("/", {"email": voter.email})
    assert (ways.step, set(re.findall(r'name="choice" value="([\w-]+)"', ways.body))) == (
        "MP-2",
        {"sign-in", "forgotten"},
    )
    assert 'name="password"' in ways.body
    confirm = browser.post(ways.url, {"choice": "forgotten"})
    asked = browser.post(confirm.url)
    chosen = browser.get(product.mail(voter.email).link)
    assert {'name="new_password"', 'name="new_password_again"'} <= set(re.findall(r'name="\w+"', chosen.body))
    done = browser.choose("Nuage violet 2018")
    pages = [ways, confirm, asked, chosen, done]
    assert [page.step for page in pages] == ["MP-2", "MP-3", "MP-4", "MP-6", "MP-7"]
    assert {page.case for page in pages} == {asked.case}
    assert re.fullmatch(r"[2-9A-HJKMNP-Z]{4}-[2-9A-HJKMNP-Z]{4}", str(asked.case))
    assert browser.sign_in(voter.email, "Nuage violet 2018").step == "EV-1"


def test_messages_json_lists_the_newest_first_of_one_address(product: Demo, voter: Voter) -> None:
    """`/demo/messages.json?to=` has the promised fields, of that address only, the newest first."""
    first, second = product.link(voter), product.link(voter)
    mails = json.loads(product.browser().get(f"/demo/messages.json?to={voter.email}").body)
    assert [set(mail) for mail in mails] == [MAIL_FIELDS, MAIL_FIELDS]
    assert {(mail["channel"], mail["to"]) for mail in mails} == {("mail", voter.email)}
    assert second in mails[0]["text"]
    assert first in mails[1]["text"]
    assert int(mails[0]["id"]) > int(mails[1]["id"])
    assert {datetime.fromisoformat(mail["at"]).tzinfo is not None for mail in mails} == {True}


def test_voters_json_says_what_a_caller_would_know(product: Demo) -> None:
    """`/demo/voters.json` lists every voter with address, birth date, NUMEN and telephone."""
    voters = json.loads(product.browser().get("/demo/voters.json").body)
    assert len(voters) == 400
    assert all({"email", "birth_date", "numen", "phone"} <= set(each) for each in voters)
    assert len({each["email"] for each in voters}) == 400


def test_demo_page_shows_mailbox_and_voters(product: Demo, voter: Voter) -> None:
    """GET /demo shows the fictional mailbox."""
    product.link(voter)
    page = product.browser().get(f"/demo?to={voter.email}")
    assert page.status == 200
    assert voter.email in page.text


def test_probes_answer_on_any_host(product: Demo) -> None:
    """/healthz and /readyz answer whatever the host name, as a load balancer asks by address."""
    for path in ("/healthz", "/readyz"):
        assert exchange(product.site, "GET", path, headers={"Host": "10.0.0.1"}).status == 200


def test_change_password_is_where_password_managers_look(product: Demo) -> None:
    """/.well-known/change-password leads to the first step."""
    assert product.browser().get("/.well-known/change-password").step == "MP-1"


def test_the_site_runs_in_two_processes(product: Demo) -> None:
    """The web part of the product under test is two processes: what these tests race really races."""
    assert len(product.workers) == 2


def test_second_start_goes_on_with_its_data_and_now_moves_every_clock(tmp_path: Path) -> None:
    """CASE 13: started again under a moved clock, a link works until just before its time and is dead just after."""
    folder, noon = tmp_path / "demo", datetime(2031, 3, 4, 12, 0, tzinfo=PARIS)
    with demo(folder, voters=20, now=noon) as first:
        early, late = first.new_voter(), first.new_voter()
        asked = first.browser().ask(early.email)
        assert re.search(r"jusqu'à 16:0[01]", asked.text)
        mail, link = first.mail(early.email), first.link(late)
        assert "mardi 4 mars 2031 à 12:0" in mail.words
        moments = first.rows("SELECT expires FROM links ORDER BY expires")
    expiries = [datetime.fromtimestamp(each / 1e6, PARIS) for (each,) in moments]
    assert timedelta(hours=3, minutes=59) < expiries[0] - noon < timedelta(hours=4, minutes=1)
    with demo(folder, voters=20, now=expiries[0] - timedelta(seconds=15)) as before:
        browser = before.browser()
        assert browser.get(mail.link.replace(first.site, before.site)).step == "MP-6"
        assert browser.choose("Nuage violet 2018").step == "MP-7"
    with demo(folder, voters=20, now=expiries[1] + timedelta(seconds=1)) as after:
        dead = after.browser().get(link.replace(first.site, after.site))
        assert (dead.status, dead.refusal) == (410, "link-expired")
        assert f"mardi 4 mars 2031 à {expiries[1]:%H:%M}" in dead.text
        assert after.browser().sign_in(early.email, "Nuage violet 2018").step == "EV-1"


def test_port_in_use_is_said_clearly(tmp_path: Path) -> None:
    """A port that somebody else uses: the demo names it, offers another, makes nothing and leaves at once."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        ended = subprocess.run(  # our own command
            [*RETROUVE, "demo", "--headless", "--port", str(port), "--dir", str(tmp_path / "demo")],
            capture_output=True,
            text=True,
            timeout=PORT_TAKEN_SECONDS,
            check=False,
        )
    assert ended.returncode == 1
    assert str(port) in ended.stderr
    assert "Traceback" not in ended.stderr
    assert re.search(r"--port \d+", ended.stderr)
    assert not (tmp_path / "demo").exists()


def test_port_in_use_is_said_clearly_by_serve(parts: Installation) -> None:
    """`retrouve serve` on a port in use ends by itself with a line that names the port, not with a stack trace."""
    with socket.create_server(("127.0.0.1", parts.port)):
        serve = parts.start("serve", ready=False)
        assert serve.wait(PORT_TAKEN_SECONDS) != 0
    assert "Traceback" not in parts.logs()
    assert str(parts.port) in parts.logs()


@pytest.mark.parametrize("wish", [signal.SIGTERM, signal.SIGHUP], ids=["SIGTERM", "terminal-closed"])
def test_a_demo_asked_to_stop_while_it_starts_ends_everything(tmp_path: Path, wish: signal.Signals) -> None:
    """Before the site is ready: the demo and all it started are gone within five seconds."""
    process = subprocess.Popen(  # our own command
        [*RETROUVE, "demo", "--headless", "--port", str(free_port()), "--dir", str(tmp_path / "demo"), "--voters", "5"],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        started = eventually(lambda: descendants(process.pid), "its first process")
        process.send_signal(wish)
        assert process.wait(SECONDS_TO_STOP) == 0
        eventually(lambda: not any(Path(f"/proc/{pid}").exists() for pid in started), "the end of its processes", 1)
    finally:
        put_down(process)


def test_waiting_page_offers_another_message_only_after_the_pause(product: Demo, voter: Voter) -> None:
    """MP-4 says from when one may ask again; a POST before that time sends nothing."""
    browser: Browser = product.browser()
    page = browser.ask(voter.email)
    assert 'value="again"' not in page.body
    product.mail(voter.email)
    assert browser.post(MESSAGE, {"choice": "again"}).step == "MP-4"
    product.settled()
    assert len(product.mails(voter.email)) == 1
