"""Tests requests that the site refuses before it handles them."""

from collections import Counter
from dataclasses import dataclass, field, replace
from http import HTTPStatus
from ipaddress import ip_network

from core.adapters.network_limits import SECONDS_A_MINUTE, InProcessNetworkLimits
from core.app.services import Services
from core.forms import errors
from core.policy.policy import Policy
from core.ports import ProcessMeasurements
from core.text.urls import LINK_PATH
from tests.support.worlds import World
from webhook.request_origin import may_peer_connect
from webhook.site_application import create_site


@dataclass
class Counts(ProcessMeasurements):
    """A test double that counts the pages of refusals."""

    pages: Counter[str] = field(default_factory=Counter)

    def count_refusal(self, reason: str) -> None:
        self.pages[reason] += 1


PROXY, GATEWAY = ip_network("192.0.2.0/28"), ip_network("198.51.100.7/32")
ELSEWHERE = {"Origin": "https://elsewhere.example"}


def post(services: Services, times: int = 1, **headers: str) -> list[int]:
    """Send the form this many times and return the status of each response."""
    client = create_site(services).test_client()
    address = str(services.settings.election.site)
    return [client.post("/", base_url=address, data={"email": "x"}, headers=headers).status_code for _ in range(times)]


def test_posts_from_elsewhere_are_counted_and_leave_nothing(any_world: World) -> None:
    """Forged forms are counted but not recorded, so that a foreign page cannot fill the journal."""
    counts = Counts()

    statuses = post(replace(any_world.services, measures=counts), times=5, **ELSEWHERE)

    assert statuses == [HTTPStatus.FORBIDDEN] * 5
    assert counts.pages == {errors.CrossSiteRequest.id: 5}
    assert any_world.kept.lines() == []


def test_a_full_bucket_turns_posts_away_whatever_they_are(world: World) -> None:
    """Forged forms count against the limit, and none of them is recorded."""
    services = Services(world.services.settings, world.dependencies, InProcessNetworkLimits(2, seconds=lambda: 0.0))

    statuses = post(services, times=4, **ELSEWHERE)

    assert statuses == [HTTPStatus.FORBIDDEN] * 2 + [HTTPStatus.TOO_MANY_REQUESTS] * 2
    assert world.kept.lines() == []


def test_each_minute_begins_anew() -> None:
    """Only this network is refused, and only for the rest of the minute."""
    moments = iter([0.0, 1.0, 2.0, 3.0, SECONDS_A_MINUTE])
    buckets = InProcessNetworkLimits(2, seconds=lambda: next(moments))

    admitted = [buckets.admit(network) for network in ("192.0.2.1", "192.0.2.1", "192.0.2.1", "192.0.2.2", "192.0.2.1")]

    assert admitted == [True, True, False, True, True]


def test_a_post_from_our_own_page_is_judged_by_what_was_typed(world: World) -> None:
    """Forms from other origins are refused. A page without TLS counts as another origin, because it could be forged."""
    ours, theirs = HTTPStatus.UNPROCESSABLE_ENTITY, HTTPStatus.FORBIDDEN
    for header in ({}, {"Sec-Fetch-Site": "same-origin"}):
        assert post(world.services, **header) == [ours]
    for page, status in (
        ("https://vote.exemple.fr", ours),
        ("http://vote.exemple.fr", theirs),
        ("https://vote.exemple.fr:8443", theirs),
        ("https://vote.exemple.fr.elsewhere.example", theirs),
        ("https://elsewhere.example@vote.exemple.fr", theirs),
        ("vote.exemple.fr", theirs),
        ("null", theirs),
    ):
        assert post(world.services, Origin=page) == [status], page
        assert post(world.services, Referer=f"{page}/mot-de-passe/x") == [status], page
    assert world.kept.lines() == []


def test_a_wrapped_link_is_told_as_a_damaged_one(world: World) -> None:
    """The page tells the reader to copy the whole link. It is not the page "not found"."""
    client = create_site(world.services).test_client()
    for break_ in ("%0D%0A", "%0A", "%20%0D%0A%20", "=%0D%0A"):
        answer = client.get(
            f"{LINK_PATH}{'x' * 20}{break_}{'x' * 23}", base_url=str(world.services.settings.election.site)
        )

        assert f'name="refusal" content="{errors.LinkDamaged.id}"' in answer.get_data(as_text=True)


def test_a_link_opened_without_cookies_is_not_called_wrong(world: World) -> None:
    """The pages to which mailed links lead ask for cookies, instead of saying that the link is incomplete."""
    client = create_site(world.services).test_client()
    for path in ("/mot-de-passe/nouveau-mot-de-passe", "/ce-n-etait-pas-moi/confirmer"):
        answer = client.get(path, base_url=str(world.services.settings.election.site))

        assert f'name="refusal" content="{errors.CookiesMissing.id}"' in answer.get_data(as_text=True)


def test_a_slowed_network_is_told_when_to_try_again(world: World) -> None:
    """The page has status 429, the seconds left, and a link to "forgotten password", which needs no wait."""
    world.dependencies = replace(world.dependencies, policy=Policy(sign_in_addresses_per_network=1))
    site, address = create_site(world.services), str(world.services.settings.election.site)
    answers = []
    for number in range(2):
        client = site.test_client()
        step = client.post("/", base_url=address, data={"email": f"voter{number}@ac-lumiere.example"}).location
        typed = {"choice": "sign-in", "password": "Faux essai 1"}
        answers.append(client.post(step or "", base_url=address, data=typed))

    statuses = [answer.status_code for answer in answers]
    assert statuses == [HTTPStatus.UNPROCESSABLE_ENTITY, HTTPStatus.TOO_MANY_REQUESTS]
    assert answers[1].headers["Retry-After"] == str(Policy().sign_in_gap_seconds)
    page = answers[1].get_data(as_text=True)
    assert f'name="refusal" content="{errors.NetworkThrottled.id}"' in page
    assert "Mot de passe oublié" in page


def test_once_proxies_are_declared_visitors_come_by_them() -> None:
    """Gateways and this machine may still connect directly."""
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


def test_a_visitor_beside_the_declared_proxies_is_refused_whatever_is_asked(world: World) -> None:
    """Probes and style sheets are refused too. The response has the security headers."""
    settings = world.services.settings
    web = settings.web.model_copy(update={"trusted_proxies": (PROXY,)})
    client = create_site(replace(world.services, settings=settings.model_copy(update={"web": web}))).test_client()
    for path in ("/", "/healthz", "/static/retrouve.css", "/nowhere"):
        answer = client.get(path, environ_overrides={"REMOTE_ADDR": "203.0.113.9"})

        assert (answer.status_code, answer.data) == (HTTPStatus.FORBIDDEN, b""), path
        assert answer.headers["Cache-Control"] == "no-store", path
