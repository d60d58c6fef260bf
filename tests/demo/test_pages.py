"""The demo's page and JSON files show the fictional mails, SMS, voters and agents."""

from pathlib import Path
from types import SimpleNamespace

import msgspec
import pytest
from flask import Flask, g
from flask.testing import FlaskClient

from core.ports import CallBack, CallBackOrigin
from core.text.faces.call_sentences import ContactReason
from core.text.text import Language
from demo.agents import AGENTS as DEMO_AGENTS
from demo.agents import FILE, DemoAgent
from demo.folder import MAILBOX_FILE, TELEPHONE_FILE, VOTERS_FILE
from demo.mailbox import DemoMailFile
from demo.pages import demo_pages
from demo.telephones import DemoSmsStore, SmsStatus
from tests.support.election import NOON, ElectionClock
from tests.support.stores import writing
from tests.support.worlds import World

NUMBER, SWITCHED_OFF = "+33612345678", "+33612340013"

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
    DemoAgent(name=name, role=role, password=f"Quatre sabots verts {number}", secret=name[0].upper() * 32)
    for number, (name, role) in enumerate(DEMO_AGENTS.items())
]
HTML = "<!doctype html><html><head></head><body><script>alert(1)</script><a href='/lien/x'>Ouvrir</a></body></html>"


def mail(subject: str) -> bytes:
    return (
        f"From: vote@vote.example\r\nSubject: {subject}\r\nDate: Fri, 30 Nov 2018 14:02:00 +0100\r\n"
        'MIME-Version: 1.0\r\nContent-Type: multipart/alternative; boundary="b"\r\n\r\n'
        "--b\r\nContent-Type: text/plain; charset=utf-8\r\n\r\nBonjour\r\n"
        f"--b\r\nContent-Type: text/html; charset=utf-8\r\n\r\n{HTML}\r\n--b--\r\n"
    ).encode()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return the folder of a demo that has no messages."""
    (tmp_path / VOTERS_FILE).write_bytes(msgspec.json.Encoder().encode_lines(PEOPLE))
    (tmp_path / FILE).write_bytes(msgspec.json.Encoder().encode_lines(AGENTS))
    return tmp_path


@pytest.fixture
def mailbox(folder: Path) -> DemoMailFile:
    """Return a mailbox with two mails."""
    made = DemoMailFile(folder / MAILBOX_FILE)
    made.add(mail("First"), CAMILLE)
    made.add(mail("<b>Second</b>"), "other@ac-lumiere.example")
    return made


@pytest.fixture
def telephones(folder: Path) -> DemoSmsStore:
    """Return a store with two SMS to one telephone, and an SMS to a telephone that is switched off."""
    made = DemoSmsStore(folder / TELEPHONE_FILE, ElectionClock(NOON))
    made.store_sms(NUMBER, "Code : 012345\n<b>@vote.example</b>", None)
    made.store_sms(SWITCHED_OFF, "Code : 543210", None)
    made.store_sms(NUMBER, "Identifiant : ABCD", None)
    (_, off, first) = made.messages()
    made.update([(first, SmsStatus.DELIVERED, 2, True), (off, SmsStatus.UNDELIVERED, 3, True)])
    return made


@pytest.fixture
def visitor(world: World, folder: Path) -> FlaskClient:
    app = Flask("demo")
    app.register_blueprint(demo_pages(world.services, folder))

    @app.before_request
    def read_french() -> None:
        g.visit = SimpleNamespace(language=Language.FRENCH)

    return app.test_client()


@pytest.fixture
def browser(visitor: FlaskClient, mailbox: DemoMailFile, telephones: DemoSmsStore) -> FlaskClient:
    """Return the browser of a visitor to a demo with mails and SMS."""
    assert mailbox.messages()
    assert telephones.messages()
    return visitor


def test_the_messages_as_json(browser: FlaskClient) -> None:
    """The JSON file lists the newest messages first, with all their data."""
    found = browser.get("/demo/messages.json").get_json()

    assert [each["subject"] for each in found] == ["<b>Second</b>", "First", "", "", ""]
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
    assert found[4] == {
        "id": "sms-1",
        "channel": "sms",
        "to": NUMBER,
        "subject": "",
        "text": "Code : 012345\n<b>@vote.example</b>",
        "html": "",
        "at": "2018-11-30T12:00:00+01:00",
        "status": "delivered",
    }
    assert [each["status"] for each in found[2:4]] == ["accepted", "undelivered"]


def test_the_messages_of_one_address_or_telephone(browser: FlaskClient) -> None:
    """Messages are found by a complete address, in upper or lower case. An invalid limit is corrected."""
    for query, count in (
        (f"to={CAMILLE.upper()}", 1),
        ("to=camille", 0),
        ("to=", 5),
        ("to=%2B33612345678", 2),
        ("to=06.12.34.56.78", 2),
        ("to=%2B33612340013&limit=1", 1),
        ("to=0612340014", 0),
        ("limit=1", 1),
        ("limit=-5", 1),
        ("limit=x", 5),
    ):
        assert len(browser.get(f"/demo/messages.json?{query}").get_json()) == count, query


def test_whoever_plays_a_caller_or_an_agent_finds_what_to_type(browser: FlaskClient) -> None:
    """The page lists what a fictional voter answers, and the name, role, password and present code of each agent."""
    assert browser.get("/demo/voters.json").get_json() == PEOPLE

    page = browser.get("/demo").get_data(as_text=True)
    listed = browser.get("/demo/agents.json").get_json()
    assert listed == [
        {"name": each.name, "role": each.role, "password": each.password, "code": each.totp_code(NOON)}
        for each in AGENTS
    ]
    assert all(agent[name] in page for agent in listed for name in ("name", "password", "code"))
    assert "responsable" in page


def test_the_page_shows_the_newest_mail_a_way_to_the_others_and_ten_voters(browser: FlaskClient) -> None:
    """The frame of a mail cannot run scripts or send forms. The page shows ten voters, and the JSON file shows all."""
    page = browser.get("/demo").get_data(as_text=True)
    assert '<iframe src="/demo/mail/2.html" sandbox="allow-top-navigation-by-user-activation allow-popups"' in page
    assert "&lt;b&gt;Second&lt;/b&gt;" in page
    assert "<b>Second" not in page

    page = browser.get("/demo?mail=1").get_data(as_text=True)
    assert '<iframe src="/demo/mail/1.html"' in page
    assert 'href="/demo?mail=2#letter"' in page

    page = browser.get("/demo").get_data(as_text=True)
    assert page.count("01E1234567ABC") == 10
    assert "9.camille" in page
    assert "10.camille" not in page


def test_an_empty_demo_says_how_to_begin(visitor: FlaskClient, folder: Path) -> None:
    """The page of a demo without messages says what to do. The page of a demo without agents names none."""
    page = visitor.get("/demo").get_data(as_text=True)
    assert "Mot de passe oublié" in page
    assert "demandez un nouvel identifiant de vote" in page
    assert "finit par 0013" in page
    assert "<iframe" not in page
    assert "<form" not in page

    (folder / FILE).unlink()
    assert "Nom d'agent" not in visitor.get("/demo").get_data(as_text=True)


def test_the_page_shows_a_telephone_and_what_became_of_its_sms(browser: FlaskClient) -> None:
    """The oldest SMS comes first, as on a telephone. The text of an SMS is not read as HTML."""
    page = browser.get("/demo").get_data(as_text=True)
    assert page.index("Code : 012345") < page.index("Identifiant : ABCD")
    assert "&lt;b&gt;@vote.example" in page
    assert "543210" not in page
    assert 'href="/demo?phone=%2B33612340013#phone"' in page

    page = browser.get("/demo?phone=%2B33612340013").get_data(as_text=True)
    assert "543210" in page
    assert "non remis" in page


def test_an_answer_is_written_on_the_telephone(browser: FlaskClient, telephones: DemoSmsStore) -> None:
    """An answer that is sent is shown on the telephone."""
    answer = browser.post("/demo/telephone", data={"number": NUMBER, "text": " 012345 "})

    assert (answer.status_code, answer.location) == (303, "/demo?phone=%2B33612345678#phone")
    assert "012345" in [text.text for text in telephones.messages(NUMBER)]
    assert "envoyé par l" in browser.get(answer.location).get_data(as_text=True)
    assert len(browser.get("/demo/messages.json").get_json()) == 5


def test_an_answer_from_no_telephone_or_without_words_is_none(browser: FlaskClient, telephones: DemoSmsStore) -> None:
    """An answer without text or from an unknown telephone is ignored, and an unknown mail is not found."""
    for typed in ({}, {"number": NUMBER}, {"number": "+33600000000", "text": "x"}, {"text": "x" * 999}):
        assert browser.post("/demo/telephone", data=typed).status_code == 303
    assert len(telephones.messages()) == 3
    for phone in ("nobody", "+33600000000", "%00", "é"):
        assert browser.get(f"/demo?phone={phone}").status_code == 200
    for path in ("/demo?mail=99", "/demo?mail=9999999999999999999999", "/demo/mail/99.html"):
        assert browser.get(path).status_code == 404


def test_the_page_runs_and_keeps_nothing_and_a_mail_loads_nothing(browser: FlaskClient) -> None:
    """Pages have no scripts and are not cached, and mails load no external content."""
    page = browser.get("/demo").headers["Content-Security-Policy"]
    answer = browser.get("/demo/mail/1.html")
    framed = answer.headers["Content-Security-Policy"]
    assert "default-src 'none'" in page
    assert "unsafe-inline" not in page
    assert "form-action 'self'" in page
    assert "form-action 'none'" in framed
    assert "default-src 'none'" in framed
    assert "sandbox allow-top-navigation" in framed
    assert "allow-scripts" not in framed
    assert "frame-ancestors 'self'" in framed
    assert answer.headers["X-Frame-Options"] == "SAMEORIGIN"

    framed = browser.get("/demo/mail/1.html").get_data(as_text=True)
    assert '<head><base target="_top">' in framed

    page = browser.get("/demo").get_data(as_text=True)
    assert "style=" not in page
    assert "<style" not in page
    assert "<script" not in page

    for path in ("/demo", "/demo/messages.json", "/demo/voters.json", "/demo/agents.json", "/demo/mail/1.html"):
        assert browser.get(path).headers["Cache-Control"] == "no-store"


def test_the_requests_to_the_desk_as_json(browser: FlaskClient, world: World) -> None:
    """The JSON file lists what one voter has asked the helpdesk and still waits for, and nothing about a stranger."""
    (voter,) = world.add()
    asked = CallBack(
        origin=CallBackOrigin.WEB_FORM, reason=ContactReason.ROLL, voter=voter.id, case=None, asked=NOON, due=NOON
    )
    writing(world.store).call_backs.add(asked)

    assert browser.get(f"/demo/desk.json?to={voter.email}").get_json() == [
        {"subject": "roll", "way": "call", "until": None}
    ]
    assert browser.get("/demo/desk.json?to=nobody@ac-lumiere.example").get_json() == []
