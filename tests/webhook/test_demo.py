"""The demo's pages."""

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from core.adapters.mailbox import Mailbox
from core.text import Language
from webhook.demo import demo_pages

CAMILLE = "camille.martin@ac-lumiere.example"
PEOPLE = [
    {
        "first_name": "Camille",
        "last_name": f"Martin {number}",
        "email": f"{number}.{CAMILLE}",
        "birth_date": "1970-12-31",
        "numen": "01E1234567ABC",
        "phone": "+33612345678",
    }
    for number in range(12)
]
AGENTS = [
    {"name": "camille", "role": "agent", "password": "Quatre sabots verts 17", "code": "012345"},
    {"name": "dominique", "role": "supervisor", "password": "Quatre sabots verts 17", "code": "678901"},
    {"name": "claude", "role": "auditor", "password": "Quatre sabots verts 17", "code": "234567"},
]
HTML = "<!doctype html><html><head></head><body><script>alert(1)</script><a href='/lien/x'>Ouvrir</a></body></html>"


def mail(subject: str) -> bytes:
    """A mail of two parts."""
    return (
        f"From: vote@vote.example\r\nSubject: {subject}\r\nDate: Fri, 30 Nov 2018 14:02:00 +0100\r\n"
        'MIME-Version: 1.0\r\nContent-Type: multipart/alternative; boundary="b"\r\n\r\n'
        "--b\r\nContent-Type: text/plain; charset=utf-8\r\n\r\nBonjour\r\n"
        f"--b\r\nContent-Type: text/html; charset=utf-8\r\n\r\n{HTML}\r\n--b--\r\n"
    ).encode()


@pytest.fixture
def mailbox(tmp_path: Path) -> Iterator[Mailbox]:
    """One with two mails."""
    with closing(Mailbox(tmp_path / "mails.db")) as made:
        made.add(mail("First"), CAMILLE)
        made.add(mail("<b>Second</b>"), "other@ac-lumiere.example")
        yield made


@pytest.fixture
def browser(mailbox: Mailbox) -> FlaskClient:
    """A visitor of the demo."""
    app = Flask("demo")
    app.register_blueprint(demo_pages(mailbox, lambda: PEOPLE, lambda: AGENTS, lambda: Language.FRENCH))
    return app.test_client()


def test_the_messages_as_json(browser: FlaskClient) -> None:
    """The newest first, with all that a test needs to go on."""
    found = browser.get("/demo/messages.json").get_json()

    assert [each["subject"] for each in found] == ["<b>Second</b>", "First"]
    assert found[1] == {
        "id": "1",
        "channel": "mail",
        "to": CAMILLE,
        "subject": "First",
        "text": "Bonjour",
        "html": HTML,
        "at": "2018-11-30T14:02:00+01:00",
        "status": "delivered",
    }


@pytest.mark.parametrize(
    ("query", "count"),
    [(f"to={CAMILLE.upper()}", 1), ("to=camille", 0), ("to=", 2), ("limit=1", 1), ("limit=-5", 1), ("limit=x", 2)],
)
def test_the_messages_of_one_address(query: str, count: int, browser: FlaskClient) -> None:
    """A whole address, in capitals or not, and a limit that cannot be wrong."""
    assert len(browser.get(f"/demo/messages.json?{query}").get_json()) == count


def test_the_voters_as_json(browser: FlaskClient) -> None:
    """What a caller would know of himself, for each fictional voter."""
    assert browser.get("/demo/voters.json").get_json() == PEOPLE


def test_the_page_shows_the_newest_mail(browser: FlaskClient) -> None:
    """Its frame can neither run nor submit anything, and its subject is text."""
    page = browser.get("/demo").get_data(as_text=True)

    assert '<iframe src="/demo/mail/2.html" sandbox="allow-top-navigation-by-user-activation allow-popups"' in page
    assert "&lt;b&gt;Second&lt;/b&gt;" in page
    assert "<b>Second" not in page


def test_a_mail_can_be_picked(browser: FlaskClient) -> None:
    """The list leads to each mail."""
    page = browser.get("/demo?mail=1").get_data(as_text=True)

    assert '<iframe src="/demo/mail/1.html"' in page
    assert 'href="/demo?mail=2#letter"' in page


def test_the_page_names_the_first_ten_voters(browser: FlaskClient) -> None:
    """Enough to begin; the others are in the JSON."""
    page = browser.get("/demo").get_data(as_text=True)

    assert page.count("01E1234567ABC") == 10
    assert "9.camille" in page
    assert "10.camille" not in page


def test_an_empty_mailbox_says_how_to_begin(tmp_path: Path) -> None:
    """Nothing came yet: the page says what to do."""
    app = Flask("demo")
    app.register_blueprint(demo_pages(Mailbox(tmp_path / "empty.db"), lambda: PEOPLE, list, lambda: Language.FRENCH))

    page = app.test_client().get("/demo").get_data(as_text=True)

    assert "Mot de passe oublié" in page
    assert "<iframe" not in page


def test_the_frame_opens_its_links_outside(browser: FlaskClient) -> None:
    """The site refuses to be framed, so a link of a mail opens in the whole window."""
    framed = browser.get("/demo/mail/1.html").get_data(as_text=True)

    assert '<head><base target="_top">' in framed


def test_policies(browser: FlaskClient) -> None:
    """The page runs no script and no inline style; the mail loads nothing and may stand in our page only."""
    page = browser.get("/demo").headers["Content-Security-Policy"]
    answer = browser.get("/demo/mail/1.html")
    framed = answer.headers["Content-Security-Policy"]

    assert "default-src 'none'" in page
    assert "unsafe-inline" not in page
    assert "default-src 'none'" in framed
    assert "sandbox allow-top-navigation" in framed
    assert "allow-scripts" not in framed
    assert "frame-ancestors 'self'" in framed
    assert answer.headers["X-Frame-Options"] == "SAMEORIGIN"


def test_the_page_holds_no_inline_style_or_script(browser: FlaskClient) -> None:
    """What its policy would block is not there."""
    page = browser.get("/demo").get_data(as_text=True)

    assert "style=" not in page
    assert "<style" not in page
    assert "<script" not in page


@pytest.mark.parametrize("path", ["/demo?mail=99", "/demo?mail=9999999999999999999999", "/demo/mail/99.html"])
def test_a_mail_that_is_not_there(path: str, browser: FlaskClient) -> None:
    """Not found, and no error of the server."""
    assert browser.get(path).status_code == 404


def test_whoever_plays_an_agent_finds_what_to_type(browser: FlaskClient) -> None:
    """The name, the role in words, the password, and the code of the moment, on the page and as JSON."""
    page = browser.get("/demo").get_data(as_text=True)

    assert browser.get("/demo/agents.json").get_json() == AGENTS
    assert all(agent[name] in page for agent in AGENTS for name in ("name", "password", "code"))
    assert "responsable" in page


def test_a_demo_without_agents_says_nothing_of_them(tmp_path: Path) -> None:
    """An older folder has none."""
    app = Flask("demo")
    app.register_blueprint(demo_pages(Mailbox(tmp_path / "empty.db"), lambda: PEOPLE, list, lambda: Language.FRENCH))

    assert "Nom d'agent" not in app.test_client().get("/demo").get_data(as_text=True)


def test_nothing_is_kept_by_the_browser(browser: FlaskClient) -> None:
    """A link in a mail stays out of caches."""
    for path in ("/demo", "/demo/messages.json", "/demo/voters.json", "/demo/agents.json", "/demo/mail/1.html"):
        assert browser.get(path).headers["Cache-Control"] == "no-store"
