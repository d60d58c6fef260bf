"""Tests who sees known incidents on the voters' pages, on `/statut` and in its feed, and how soon."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from unittest.mock import patch
from xml.etree import ElementTree as ET

import pytest
from flask.testing import FlaskClient

from core.desk.incident_form import NewIncident
from core.flows.identifier.plugin import IdentifierFlowPlugin
from core.flows.password.plugin import PasswordFlowPlugin
from core.ports import AgentRole, IncidentScope, StoreUnavailable, Transaction
from tests.support.desk import add_known, signed_in_agent
from tests.support.election import CAMILLE, GOOD, visit
from tests.support.worlds import World
from webhook.security_headers import HEADERS, SCRIPT_IN_HEAD
from webhook.site_application import create_site

EVERYBODY, PARTIE, DOMAIN, BY_SMS = "Site de vote en panne", "Réseau en panne", "Messages refusés", "SMS en panne"


@pytest.fixture
def pages(world: World) -> "Pages":
    """A browser of a site with an incident of each scope, and with a voter of the académie Partie."""
    add_known(world, CAMILLE, academie="Partie")
    opened = Pages(world)
    opened.read("/")
    opened.announce("vote-away", IncidentScope.EVERYBODY)
    opened.announce("network-away", IncidentScope.ACADEMIE, "Partie")
    opened.announce("mail-returned", IncidentScope.MAIL_DOMAIN, CAMILLE.partition("@")[2])
    opened.announce("sms-away", IncidentScope.SMS)
    world.clock.move(seconds=3)
    return opened


class Pages:
    def __init__(self, world: World) -> None:
        self.world = world
        self.site = str(world.services.settings.election.site)
        self.client: FlaskClient = create_site(world.services).test_client()
        self.supervisor = signed_in_agent(world, "robin", AgentRole.SUPERVISOR)

    def announce(self, sentence: str, scope: IncidentScope, subject: str = "") -> int:
        until = self.world.clock.now() + timedelta(hours=1)
        new = NewIncident(sentence=sentence, scope=scope, subject=subject, until=until)
        return self.world.services.desk.incidents.announce(self.supervisor, new)

    def hold(self, name: str, value: str) -> None:
        self.client.set_cookie(f"__Host-{name}", value, domain=self.site.removeprefix("https://"), secure=True)

    def read(self, path: str) -> str:
        return self.client.get(path, base_url=self.site, follow_redirects=True).get_data(as_text=True)

    def shown(self, path: str) -> list[str]:
        page = self.read(path)
        return [each for each in (EVERYBODY, PARTIE, DOMAIN, BY_SMS) if each in page]


def test_a_page_shows_what_concerns_its_reader_and_tells_nothing_of_the_roll(world: World, pages: Pages) -> None:
    """Incidents of the typed mail domain are shown for any address. Those of an académie are shown after sign-in."""
    steps = world.services.flows[PasswordFlowPlugin].steps
    choose = f"/{steps.flow.slug}/{steps.choose_way.slug}"
    identifier = world.services.flows[IdentifierFlowPlugin].steps
    assert pages.shown("/") == [EVERYBODY]
    drawn = []
    for address in (CAMILLE, f"nobody@{CAMILLE.partition('@')[2]}"):
        pages.hold("pending", world.confirming(address))
        assert pages.shown(choose) == [EVERYBODY, DOMAIN]
        drawn.append(pages.read(choose).split("<form")[0].replace(address, "…"))
        assert f'<span class="whole">@{CAMILLE.partition("@")[2]}</span>' in drawn[-1]  # a hyphen does not tear it
    assert drawn[0] == drawn[1]
    pages.hold("pending", world.confirming("nobody@elsewhere.example"))
    assert pages.shown(choose) == [EVERYBODY]

    world.with_password()
    session = world.sessions.sign_in(CAMILLE, GOOD, visit()).session
    assert session is not None
    pages.hold("session", session)
    assert pages.shown("/") == [EVERYBODY, PARTIE, DOMAIN]
    begin = f"/{identifier.flow.slug}/{identifier.begin.slug}"
    assert BY_SMS in pages.shown(begin)


def test_the_status_page_and_its_feed_list_incidents_and_say_since_when_one_is_over(world: World, pages: Pages) -> None:
    """This holds in both languages and without a script. Incidents of an académie are not shown to strangers."""
    assert pages.shown("/statut") == [EVERYBODY, DOMAIN, BY_SMS]
    answer = pages.client.get("/statut.rss?lang=en", base_url=pages.site)
    page = pages.client.get("/statut", base_url=pages.site)
    for response in (answer, page):
        assert {name: response.headers[name] for name in HEADERS} == HEADERS
    (script,) = re.findall(r"<script\b(.*?)</script>", page.get_data(as_text=True), re.DOTALL)
    assert script == f">{SCRIPT_IN_HEAD}"  # the one whose digest HEADERS has
    assert answer.content_type == "application/rss+xml; charset=utf-8"
    titles = [each.findtext("title") for each in ET.fromstring(answer.data).iter("item")]  # noqa: S314  # our own site wrote it
    assert len(titles) == 3
    assert all("Known problem" in (title or "") for title in titles)
    assert "Known problems" in pages.read("/statut?lang=en")

    world.services.desk.incidents.end(pages.supervisor, 1)
    world.clock.move(seconds=3)
    assert "Fixed: The voting site is down" in pages.read("/")
    items = list(ET.fromstring(pages.client.get("/statut.rss", base_url=pages.site).data).iter("item"))  # noqa: S314  # likewise
    assert len({each.findtext("guid") for each in items}) == len(items) == 4
    assert sum("C'est rétabli" in (each.findtext("title") or "") for each in items) == 1
    assert all(
        "décembre" in (each.findtext("title") or "") or "novembre" in (each.findtext("title") or "") for each in items
    )
    world.clock.move(minutes=7 * 60)
    assert pages.shown("/statut") == []
    assert "no known problems" in pages.read("/statut")


def test_one_query_every_few_seconds_serves_every_page_and_an_outage_changes_nothing(
    world: World, pages: Pages
) -> None:
    """While the database is unavailable, pages still show the incidents that were known before."""
    store, reads = world.store, []
    read = store.read

    @contextmanager
    def counted() -> Iterator[Transaction]:
        reads.append(world.clock.now())
        if len(reads) > 1:
            raise StoreUnavailable("away")
        with read() as transaction:
            yield transaction

    assert pages.shown("/") == [EVERYBODY]
    with patch.object(store, "read", counted):
        for _ in range(5):
            world.clock.move(seconds=1)
            assert pages.shown("/") == [EVERYBODY]
    assert len(reads) == 2
