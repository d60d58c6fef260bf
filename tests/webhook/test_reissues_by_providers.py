"""A voter gets a new identifier through each provider, whose requests and reports are those of its documentation."""

import re
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from datetime import timedelta
from urllib.parse import unquote, urlsplit

import pytest
from flask.testing import FlaskClient

from core.app.courier_assembly import sms_transport_of
from core.app.settings import DeclaredGatewaySection
from core.ports import EventType, SendAccepted, SendPostponed, SendRefused, Sms, SmsTransport
from tests.support.air import Air
from tests.support.election import visit
from tests.support.http_provider import CLOSES, NOTHING, Heard, HttpProvider, Says, http_provider
from tests.support.product import free_port
from tests.support.reissues import CODE_SMS, Reissuer, reissuer
from tests.support.sms_providers import BARRED, PROVIDERS, Documented, Report
from tests.support.worlds import World
from webhook.site_application import create_site

SITE = "https://vote.exemple.fr"
SECOND = {
    "name": "second",
    "sender": "38000",
    "timeout_seconds": 1,
    "callbacks": SITE,
    "request": {"json": {"to": "{number}", "text": "{text}"}, "accepted": {"status": [200], "when": "taken"}},
}
TAKEN = Says(200, '{"taken": true}')


@dataclass
class AirOverHttp(Air):
    """Sends SMS through the election's gateways, and remembers those that were taken."""

    transport: SmsTransport | None = None

    def send(self, sms: Sms) -> SendAccepted | SendRefused | SendPostponed:
        assert self.transport is not None
        self.says = self.transport.send(sms)
        return super().send(sms)


@dataclass
class Played:
    """A voter, the site, a documented provider that first gives the answers in `says`, and a second gateway."""

    voter: Reissuer
    site: FlaskClient
    documented: Documented
    says: list[Says] = field(default_factory=list)
    main: HttpProvider = field(init=False)
    second: HttpProvider = field(init=False)

    def answer(self, heard: Heard) -> Says:
        return self.says.pop(0) if self.says else self.documented.answer(heard)

    def run_courier(self, after: timedelta = timedelta()) -> None:
        self.voter.world.clock.at += after
        self.voter.world.courier().run_once()

    def report(self, *numbers: int) -> list[int]:
        """Send some of the provider's documented reports about its last SMS. Returns the statuses of the answers."""
        found = re.search(rf"{SITE}/sms/provider/main/[^\"&]+", unquote(self.main.heard[-1].body.decode()))
        assert found is not None
        return [self.post(found[0], self.documented.reports(found[0])[number]) for number in numbers]

    def post(self, url: str, report: Report) -> int:
        return self.site.post(urlsplit(url).path, data=report.body, headers=dict(report.headers)).status_code


Play = Callable[..., Played]


@pytest.fixture
def play(world: World) -> Iterator[Play]:
    with ExitStack() as stack:

        def start(documented: Documented, *, alone: bool = False, away: bool = False) -> Played:
            voter = reissuer(world)
            played = Played(voter, create_site(world.services).test_client(), documented)
            played.main = stack.enter_context(http_provider(played.answer))
            played.second = stack.enter_context(http_provider(TAKEN))
            url = f"http://127.0.0.1:{free_port()}" if away else played.main.url
            main = documented.section(url, callbacks=SITE, timeout_seconds=1)
            request = {**SECOND["request"], "url": played.second.url}  # type: ignore[dict-item]  # a table
            second = DeclaredGatewaySection.model_validate({**SECOND, "request": request})
            gateways = (main.model_copy(update={"report": main.report_with_secret}), *(() if alone else (second,)))
            settings = world.services.settings
            sms = settings.sms.model_copy(update={"gateways": gateways})
            services = replace(world.services, settings=settings.model_copy(update={"sms": sms}))
            played.site = create_site(services).test_client()
            transport = sms_transport_of(services, lambda: world.clock.now().timestamp())
            stack.callback(transport.close)
            world.air = AirOverHttp(transport=transport)
            return played

        yield start


@pytest.mark.parametrize("documented", PROVIDERS, ids=lambda each: each.preset)
def test_a_whole_reissue_with_failure_fall_back_retry_and_report(play: Play, documented: Documented) -> None:
    """The second gateway sends the code. The identifier gets no answer, is sent again, and is reported delivered."""
    played = play(documented)
    voter = played.voter
    played.says = [Says(503, "{}")]
    voter.asked()
    code = voter.code()
    assert (len(played.main.heard), len(played.second.heard)) == (1, 1)
    voter.type(code)

    played.says = [NOTHING]
    played.run_courier()
    assert voter.shown().step.code == "ID-4"
    assert (len(played.main.heard), len(played.second.heard)) == (2, 1)
    played.run_courier(after=timedelta(minutes=3))
    first, again = played.main.heard[1:]
    assert len(played.second.heard) == 1
    ttl = re.compile(rb"(ValidityPeriod=|\"ttl\":)\d+")
    assert ttl.sub(b"", first.body) == ttl.sub(b"", again.body)

    assert played.report(1, 0, 1) == [202, 202, 202]
    assert voter.shown().step.code == "ID-5"
    acts = voter.acts()
    assert acts.count(EventType.SMS_ACCEPTED) == acts.count(EventType.SMS_REPORTED) == 2
    assert voter.left() == 2


@pytest.mark.parametrize("documented", PROVIDERS, ids=lambda each: each.preset)
def test_an_identifier_that_was_not_delivered_is_given_back(play: Play, documented: Documented) -> None:
    played = play(documented)
    played.voter.receive()

    assert played.report(0, 3, 3) == [202, 202, 202]

    assert played.voter.shown().step.code == "ID-6"
    assert played.voter.left() == 3


BAD = {
    "200 with an error": Says(200, '{"error": "no credit"}'),
    "a page": Says(200, "<html>Welcome</html>", "text/html"),
    "garbage": Says(200, b"\x00\xff"),
    "a redirect": Says(302, "", headers={"Location": "https://e.example"}),
    "too many": Says(429, "{}", headers={"Retry-After": "5"}),
    "a wrong secret": Says(401, "{}"),
    "a failure": Says(500, "{}"),
    "a huge body": Says(201, b'{"sid": "' + b"x" * 300_000 + b'"}'),
    "half an answer": Says(201, '{"sid', headers={"Content-Length": "99", "Connection": "close"}),
    "a closed connection": CLOSES,
    "no answer": NOTHING,
}


@pytest.mark.parametrize("answer", BAD.values(), ids=BAD)
def test_after_a_bad_answer_the_voter_gets_the_code_later(play: Play, answer: Says) -> None:
    """With one gateway, the page waits for the code, which arrives as soon as the gateway takes it."""
    played = play(PROVIDERS[0], alone=True)
    voter = played.voter
    voter.asked()
    played.says = [answer]
    played.run_courier()
    assert voter.world.air.taken == []
    page = voter.world.services.dispatcher.show(voter.steps.code, visit(session=voter.session))
    assert page.step.code == "ID-3"

    played.run_courier(after=timedelta(minutes=3))
    voter.type(voter.sms(CODE_SMS)[-1].text[-6:])
    assert voter.acts().count(EventType.CODE_ACCEPTED) == 1


def test_while_the_provider_refuses_connections_the_second_gateway_sends_the_code(play: Play) -> None:
    played = play(PROVIDERS[0], away=True)
    played.voter.asked()
    played.voter.type(played.voter.code())

    assert (len(played.main.heard), len(played.second.heard)) == (0, 1)
    assert played.voter.acts().count(EventType.CODE_ACCEPTED) == 1


def test_a_number_that_the_provider_refuses_is_told_to_the_voter(play: Play) -> None:
    """After a permanent refusal, the voter may give another number at once."""
    played = play(PROVIDERS[0])
    played.voter.asked(phone=BARRED.replace("+33", "0"))
    played.run_courier()

    assert played.second.heard == []
    assert EventType.SMS_REFUSED in played.voter.acts()
    voter = played.voter
    page = voter.world.services.dispatcher.show(voter.steps.code, visit(session=voter.session))
    assert "n'a pas pu être remis" in str(page.facts["destination"])
