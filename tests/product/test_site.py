"""The site receives requests from networks, gateways and load balancers."""

from collections.abc import Iterable
from itertools import takewhile

from tests.conformance.response_comparison import missing_security_headers
from tests.support.product import CHOOSE, MESSAGE, Installation, descendants, exchange, judged

FEW = 8
ENOUGH = 5 * FEW
"""Number of requests that is greater than the limit of a network, even if the test lasts several minutes."""
LIMITED = {
    "RETROUVE_POLICY__VISITS_PER_NETWORK_PER_MINUTE": str(FEW),
    "RETROUVE_WEB__WORKERS": "1",
    "RETROUVE_THROTTLE_NETWORKS": "true",
}


def post_from(site: str, forwarded: str, source: str = "127.0.0.1") -> int:
    """Submit an address with a claimed origin, and return the status."""
    headers = {"X-Forwarded-For": forwarded}
    return exchange(site, "POST", "/", {"email": "personne@ac-lumiere.example"}, headers, source=source).status


def test_forged_forwarded_for_opens_no_new_bucket(parts: Installation) -> None:
    """Without a declared proxy, X-Forwarded-For changes nothing, and each network has its own limit."""
    parts.start("serve", **LIMITED)

    verdict = judged(parts.site, "--throttled")

    assert verdict.returncode == 0, verdict.stdout
    assert post_from(parts.site, "203.0.113.9, 127.0.0.1", "127.0.0.2") == 303


def admitted(answers: Iterable[int]) -> int:
    """Return how many requests of a network are answered before the first refusal. There must be a refusal."""
    answered = list(takewhile(lambda status: status == 303, answers))
    assert len(answered) < ENOUGH, "the network was never refused"
    return len(answered)


def test_forwarded_for_is_believed_from_declared_proxies_only(parts: Installation) -> None:
    """Behind a declared proxy, each network has its own limit, whatever the visitor writes into the header."""
    parts.start("serve", **LIMITED, RETROUVE_WEB__TRUSTED_PROXIES='["127.0.0.1/32"]')

    first = admitted(post_from(parts.site, f"10.9.8.{number}, 198.51.100.7") for number in range(ENOUGH))
    second = post_from(parts.site, "198.51.100.7, 198.51.100.8")
    household = admitted(post_from(parts.site, f"2001:db8:1:2::{number:x}") for number in range(ENOUGH))
    neighbour = post_from(parts.site, "2001:db8:1:3::1")
    customer = [post_from(parts.site, f"2001:db8:7:{number:x}::1") for number in range(4 * ENOUGH)].count(303)
    direct = admitted(post_from(parts.site, f"192.0.2.{number}", "127.0.0.2") for number in range(ENOUGH))
    nonsense = post_from(parts.site, "not an address, <script>")

    assert {first, household, direct} <= set(range(FEW, ENOUGH))
    assert customer in range(4 * FEW, 4 * ENOUGH), "networks of one /56 were never refused"
    assert (second, neighbour, nonsense) == (303, 303, 303)


OWN_PATHS = {
    MESSAGE: 303,
    CHOOSE: 400,  # without cookies
    "/lien/" + "A" * 43: 404,
    "/lien/x": 404,
    "/pas-moi/x": 303,
    "/healthz": 200,
    "/readyz": 200,
    "/demo": 200,
    "/demo/voters.json": 200,
}


def test_every_path_has_the_security_headers(parts: Installation) -> None:
    """Every path has the security headers, and probes work with any host name, because load balancers use addresses.

    Visitors get no answer at the paths for gateways. Without a metrics port, no process exports metrics.
    """
    serve = parts.start("serve")
    assert len(descendants(serve.pid)) == 2

    answers = {path: exchange(parts.site, "GET", path) for path in OWN_PATHS}

    assert {path: answer.status for path, answer in answers.items()} == OWN_PATHS
    assert {path: missing for path, answer in answers.items() if (missing := missing_security_headers(answer))} == {}
    elsewhere = {"Host": "10.0.0.1"}
    assert [exchange(parts.site, "GET", path, headers=elsewhere).status for path in ("/healthz", "/readyz")] == [
        200
    ] * 2
    for path in ("/sms/inbound?id=1&from=%2B33612345678&text=012345", "/sms/report/code.7F3K-92QD.1/tag?status=1"):
        answer = exchange(parts.site, "GET", path)
        assert (answer.status, answer.body) == (403, "")
