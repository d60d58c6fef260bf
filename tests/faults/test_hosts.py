"""Two hosts with separate networks, one PostgreSQL and one Valkey share everything that a voter has done."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import pytest

from tests.faults.balancer import Balancer, balancer
from tests.support.networks import network
from tests.support.postgres import postgresql
from tests.support.product import SPACE, Installation, SiteBrowser, eventually, exchange, free_port, hosts
from tests.support.valkey import Valkey, valkey

PASSWORD = "Nuage violet 2018"
VISITS = 30
ASKS = 40


@dataclass
class HostService:
    """Two hosts behind one address. Only their sites and the mail server run."""

    hosts: list[Installation]
    balancer: Balancer
    valkey: Valkey

    @property
    def site(self) -> str:
        """Address that voters use."""
        return f"http://127.0.0.1:{self.balancer.port}"

    def browser(self) -> SiteBrowser:
        """Return a browser whose requests go to both hosts in turn."""
        return SiteBrowser(self.site)


@pytest.fixture(scope="module")
def two_hosts(tmp_path_factory: pytest.TempPathFactory) -> Iterator[HostService]:
    """Run two hosts without couriers. They share the limits of each network."""
    port = free_port()
    with (
        network(2) as around,
        postgresql(around.ours) as server,
        valkey(around.ours) as counts,
        hosts(tmp_path_factory.mktemp("hosts"), f"{server.url}/postgres", places=around.places) as made,
        balancer([host.site for host in made], port) as front,
    ):
        counts.start()
        made[0].start("mailbox")
        for host in made:
            host.variables |= {
                "RETROUVE_ELECTION__SITE": f"http://127.0.0.1:{port}",
                "RETROUVE_WEB__WORKERS": "1",
                "RETROUVE_THROTTLE_NETWORKS": "true",
                "RETROUVE_THROTTLE_URL": counts.url,
                "RETROUVE_POLICY__VISITS_PER_NETWORK_PER_MINUTE": str(VISITS),
            }
            host.start("serve", ready=False)
        for host in made:
            host.ready()
        yield HostService(made, front, counts)


@pytest.fixture
def service(two_hosts: HostService) -> HostService:
    """Return the service as it was before the first visit."""
    for host in two_hosts.hosts:
        if "courier" in host.parts:
            host.stop("courier")
            host.stop("serve")
            host.start("serve")
    two_hosts.valkey.kill()
    two_hosts.valkey.start()
    return two_hosts


def test_a_case_begun_on_one_host_ends_on_another(service: HostService) -> None:
    """A case that is begun on one host can be finished on the other: the case, link, session and pauses are shared."""
    first, voter = service.hosts[0], service.hosts[0].take_unused_voter()
    service.hosts[1].start("courier")
    browser = service.browser()
    case = browser.ask_for_link_mail(voter.email).case
    link = first.mail(voter.email).link

    page = browser.get(link)
    assert (page.step, link.startswith(service.site)) == ("MP-6", True)
    assert browser.submit_new_password(PASSWORD).step == "MP-7"
    assert browser.sign_in(voter.email, PASSWORD).step == "EV-1"
    assert [browser.get(SPACE).step for _ in range(4)] == ["EV-1"] * 4
    stranger = service.browser()
    told = [stranger.sign_in(voter.email, f"Mauvais essai {number}").refusal for number in range(6)]
    assert told[-1] == "too-many-sign-ins"
    assert told[:4] == [None] * 4
    first.settled()  # a voter may open the link before the courier has written that the relay took its mail
    acts = [act for act, _ in first.events(str(case))]
    assert acts[:2] == ["asked", "link-decided"]
    assert Counter(acts[2:]) == {"mail-accepted": 2, "link-opened": 1, "password-chosen": 1}
    assert min(service.balancer.given.values()) > 5


def test_hosts_count_a_network_together(service: HostService) -> None:
    """Visits of one network to both hosts are counted together. Without Valkey, each host counts for itself."""
    sites = [host.site for host in service.hosts]

    def visit(site: str) -> int:
        host = {"Host": f"127.0.0.1:{service.balancer.port}"}
        return exchange(site, "POST", "/", {"email": "personne@ac-lumiere.example"}, host).status

    assert {visit(sites[number % 2]) for number in range(VISITS)} == {303}
    assert [visit(site) for site in sites] == [429, 429]
    service.valkey.kill()
    assert {visit(sites[number % 2]) for number in range(VISITS)} == {303}
    eventually(lambda: visit(sites[0]) == 429, "a host that counts alone")


def test_case_36_couriers_of_two_hosts_send_each_message_once(service: HostService) -> None:
    """CASE 36: the couriers of two hosts send each message only once."""
    first = service.hosts[0]
    for host in service.hosts:
        host.stop("serve")
        host.start("serve", RETROUVE_THROTTLE_NETWORKS="false")  # all requests come from one network
        known = carrying_lines(host)
        host.start("courier")
        eventually(lambda: carrying_lines(host) > known, "a courier")  # noqa: B023  # run now
    asked: list[str] = []
    before = sent_by(service.hosts)

    def ask() -> list[int]:
        asked.append(first.take_unused_voter().email)
        assert service.browser().ask_for_link_mail(asked[-1]).step == "MP-4"
        return [now - then for now, then in zip(sent_by(service.hosts), before, strict=True)]

    eventually(lambda: min(ask()), "a courier at work on each host")
    first.stop("mailbox")
    for _ in range(ASKS - len(asked)):
        ask()
    first.start("mailbox")
    first.settled()

    assert Counter(mail.to for mail in first.mails() if mail.to in asked) == Counter(asked)


def carrying_lines(host: Installation) -> int:
    """Return how many times a courier of this host has logged that it is ready to send."""
    log = host.log("courier")
    return log.read_text("utf-8").count('"carrying"') if log.exists() else 0


def sent_by(couriers: Sequence[Installation]) -> list[int]:
    """Return how many mails each host has sent."""
    return [host.logs().count('"event":"mail-accepted"') for host in couriers]
