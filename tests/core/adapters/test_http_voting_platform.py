"""The voting platform is called over HTTP, and each of its answers has one meaning."""

import json
from collections.abc import Callable, Iterator
from contextlib import closing
from http.client import HTTPConnection
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import msgspec
import pytest
import yaml

from core.adapters.http_voting_platform import (
    LONGEST_PAUSE_SECONDS,
    SIGNATURE,
    TIMESTAMP,
    HttpVotingPlatform,
    sign_http_request,
)
from core.ports.voting_platform import (
    FreezeOrder,
    GenerationConflict,
    OrderCarriedOut,
    OrderDenied,
    PlatformAccount,
    PlatformOutcomeUnknown,
    PlatformUnreachable,
    ReissueOrder,
)
from tests.conformance.waiting import eventually
from tests.support.election import ElectionClock
from tests.support.openapi import Description
from tests.support.platform_server import KEY, PlatformServer, platform_server
from tests.support.product.ports import free_port

FIRST = ReissueOrder(voter="a" * 64, request="7F3K-92QD.1", generation=1, salt=b"s" * 16, verifier=b"v" * 32)
DESCRIPTION = Path(__file__).parents[3] / "deploy" / "platform.openapi.yaml"


@pytest.fixture
def server() -> Iterator[PlatformServer]:
    """A running voting platform."""
    with platform_server() as played:
        yield played


def client(server: PlatformServer, key: bytes = KEY, seconds: float = 60) -> HttpVotingPlatform:
    return HttpVotingPlatform(server.url, key, seconds, ElectionClock())


def test_a_reissue_may_be_repeated(server: PlatformServer) -> None:
    """A repeated re-issue has the same result. A conflict and a frozen account are recognised."""
    platform = client(server)

    assert platform.reissue(FIRST) == OrderCarriedOut()
    assert platform.reissue(FIRST) == OrderCarriedOut()
    assert list(platform.accounts()) == [PlatformAccount(voter=FIRST.voter, generation=1, frozen=False)]

    other = ReissueOrder(voter=FIRST.voter, request="x", generation=1, salt=b"s", verifier=b"v")
    next_one = ReissueOrder(voter=FIRST.voter, request="y", generation=2, salt=b"s", verifier=b"v")

    assert platform.reissue(other) == GenerationConflict(1)
    assert platform.set_freeze(FreezeOrder(voter=FIRST.voter, frozen=True, sequence=1)) == OrderCarriedOut()
    assert platform.reissue(next_one) == OrderDenied("frozen")


def test_accounts_are_read_page_by_page_by_who_has_the_key(server: PlatformServer) -> None:
    """All accounts are read page by page, each once. With a wrong key, the outcome of a request is unknown."""
    platform = client(server)
    voters = [f"{number:064x}" for number in range(5)]
    for voter in voters:
        platform.set_freeze(FreezeOrder(voter=voter, frozen=True, sequence=1))
    assert [standing.voter for standing in platform.accounts()] == voters

    platform = client(server, b"another key of thirty-two characters")
    assert platform.reissue(FIRST) == PlatformOutcomeUnknown("HTTP 401")
    with pytest.raises(PlatformUnreachable):
        list(platform.accounts())


def test_every_answer_means_one_thing(server: PlatformServer) -> None:
    """Each answer of the voting platform has one meaning, and an unclear answer means that the outcome is unknown."""
    for status, body, means in (
        (500, b"", PlatformOutcomeUnknown("HTTP 500")),
        (503, b"", PlatformOutcomeUnknown("HTTP 503")),
        (404, b"", PlatformOutcomeUnknown("HTTP 404")),
        (301, b"", PlatformOutcomeUnknown("HTTP 301")),
        (409, b"not json", PlatformOutcomeUnknown("unreadable answer")),
        (422, b"not json", OrderDenied("refused")),
        (422, b'{"reason": "unknown-voter"}', OrderDenied("unknown-voter")),
        (200, b"whatever", OrderCarriedOut()),
        (204, b"", OrderCarriedOut()),
    ):
        server.status, server.body = status, body

        assert client(server).reissue(FIRST) == means


def test_a_platform_without_listener_is_unavailable() -> None:
    """If no voting platform listens, the outcome of a request is unknown."""
    nobody = HttpVotingPlatform(f"http://127.0.0.1:{free_port()}", KEY, 1, ElectionClock())

    assert isinstance(nobody.reissue(FIRST), PlatformOutcomeUnknown)
    assert isinstance(nobody.set_freeze(FreezeOrder(voter="a", frozen=True, sequence=1)), PlatformOutcomeUnknown)


def test_a_request_after_a_timeout_is_not_executed_twice(server: PlatformServer) -> None:
    """If a request was executed but timed out, its repetition succeeds without executing it again."""
    server.deaf = True
    assert isinstance(client(server, seconds=0.2).reissue(FIRST), PlatformOutcomeUnknown)
    eventually(lambda: list(server.registry.accounts()), "a request that was carried out")
    server.deaf = False

    assert client(server).reissue(FIRST) == OrderCarriedOut()
    assert [standing.generation for standing in client(server).accounts()] == [1]


def test_no_request_has_a_field_for_an_identifier(server: PlatformServer) -> None:
    """A re-issue sends only a salt and a verifier, and never the identifier."""
    assert client(server).reissue(FIRST) == OrderCarriedOut()

    assert set(ReissueOrder.__struct_fields__) == {"voter", "request", "generation", "salt", "verifier", "revokes"}
    assert b"revokes" not in msgspec.json.encode(FIRST), "only an order to revoke has the field"


def test_requests_use_the_described_paths_and_fields(server: PlatformServer) -> None:
    """Requests use the paths, fields and headers of the published description."""
    described = yaml.safe_load(DESCRIPTION.read_text("utf-8"))
    platform = client(server)
    platform.reissue(FIRST)
    platform.set_freeze(FreezeOrder(voter=FIRST.voter, frozen=False, sequence=1))
    list(platform.accounts())

    schemas = described["components"]["schemas"]
    for name, kind in (("Reissue", ReissueOrder), ("Hold", FreezeOrder), ("Standing", PlatformAccount)):
        assert set(schemas[name]["properties"]) == set(kind.__struct_fields__)
        assert set(schemas[name]["required"]) == set(kind.__struct_fields__) - {"revokes"}
    assert {path.removeprefix("/retrouve") for path, _ in server.asked} == set(described["paths"])
    named = {each["name"] for each in described["components"]["securitySchemes"].values()}
    assert all(named <= set(headers) for _, headers in server.asked)


def tell(server: PlatformServer, body: bytes, path: str = "/reissues", **headers: str | None) -> int:
    """Send a correctly signed request, with the given headers replaced. Returns the status of the answer."""
    place = urlsplit(server.url)
    timestamp = headers.get("timestamp", str(int(server.clock.now().timestamp())))
    signed = sign_http_request(KEY, "POST", place.path + path, timestamp or "", body)
    given = {TIMESTAMP: timestamp, SIGNATURE: signed}
    connection = HTTPConnection(place.netloc, timeout=180)
    with closing(connection):
        connection.request(
            "POST", place.path + path, body, {name: text for name, text in given.items() if text is not None}
        )
        return connection.getresponse().status


REISSUE, HOLD = msgspec.json.encode(FIRST), b'{"voter": "' + b"a" * 64 + b'", "frozen": true, "sequence": 3}'


@pytest.mark.parametrize(("path", "order"), [("/reissues", REISSUE), ("/holds", HOLD)])
def test_a_request_is_taken_for_five_minutes(server: PlatformServer, path: str, order: bytes) -> None:
    """The voting platform refuses a request whose timestamp differs from its clock by more than five minutes."""
    for seconds, status in ((-301, 401), (301, 401), (-300, 200), (0, 200), (300, 200)):
        timestamp = str(int(server.clock.now().timestamp()) + seconds)
        assert tell(server, order, path, timestamp=timestamp) == status
        assert len(list(server.registry.accounts())) == (status == 200)


def test_a_request_without_a_readable_timestamp_or_order_does_nothing(server: PlatformServer) -> None:
    """The voting platform refuses a request with an invalid timestamp or body."""
    for timestamp in (None, "", "now", "1e9", "-1", "١٢٣".encode().decode("latin-1"), "9" * 5000):
        assert tell(server, REISSUE, timestamp=timestamp) == 401
    for path in ("/reissues", "/holds"):
        for body in (b"", b"not json", b"[]", b"null", b"{}", b'{"voter": 1}', b"\xff", b"[" * 9000):
            assert tell(server, body, path) == 400
    assert list(server.registry.accounts()) == []


# ── The published description ───────────────────────────────────────────────────────────────────────────

SECOND = ReissueOrder(voter=FIRST.voter, request="7F3K-92QD.2", generation=2, salt=b"t" * 16, verifier=b"w" * 32)
FREEZE = FreezeOrder(voter=FIRST.voter, frozen=True, sequence=3)
Play = Callable[[PlatformServer], object]


def refusing(act: Play) -> Play:
    """Return a function that makes a call while the platform refuses every request permanently."""

    def played(server: PlatformServer) -> object:
        server.status, server.body = 422, b'{"reason": "unknown-voter"}'
        return act(server)

    return played


def read_standings(server: PlatformServer) -> list[PlatformAccount]:
    """Read more than one page of accounts."""
    for number in range(3):
        server.registry.set_freeze(FreezeOrder(voter=f"{number:064x}", frozen=True, sequence=1))
    return list(client(server).accounts())


def without_key(act: Callable[[HttpVotingPlatform], object]) -> Play:
    """Return a function that makes a call with a wrong key."""

    def played(server: PlatformServer) -> object:
        try:
            return act(client(server, b"another key of thirty-two characters"))
        except PlatformUnreachable as away:
            return PlatformOutcomeUnknown(str(away))

    return played


PLAYED: dict[tuple[str, str, str], tuple[Play, object]] = {
    ("/reissues", "post", "200"): (lambda server: client(server).reissue(FIRST), OrderCarriedOut()),
    ("/reissues", "post", "400"): (lambda server: tell(server, b"not json"), 400),
    ("/holds", "post", "400"): (lambda server: tell(server, b"not json", "/holds"), 400),
    ("/reissues", "post", "401"): (
        without_key(lambda platform: platform.reissue(FIRST)),
        PlatformOutcomeUnknown("HTTP 401"),
    ),
    ("/reissues", "post", "409"): (lambda server: client(server).reissue(SECOND), GenerationConflict(0)),
    ("/reissues", "post", "422"): (
        refusing(lambda server: client(server).reissue(FIRST)),
        OrderDenied("unknown-voter"),
    ),
    ("/holds", "post", "200"): (lambda server: client(server).set_freeze(FREEZE), OrderCarriedOut()),
    ("/holds", "post", "401"): (
        without_key(lambda platform: platform.set_freeze(FREEZE)),
        PlatformOutcomeUnknown("HTTP 401"),
    ),
    ("/holds", "post", "422"): (
        refusing(lambda server: client(server).set_freeze(FREEZE)),
        OrderDenied("unknown-voter"),
    ),
    ("/standings", "get", "200"): (
        read_standings,
        [PlatformAccount(voter=f"{number:064x}", generation=0, frozen=True) for number in range(3)],
    ),
    ("/standings", "get", "401"): (
        without_key(lambda platform: list(platform.accounts())),
        PlatformOutcomeUnknown("HTTP 401"),
    ),
}
"""For each described answer: the call that gets the answer, and its meaning."""


@pytest.mark.parametrize("answer", PLAYED, ids=" ".join)
def test_requests_and_answers_match_the_description(server: PlatformServer, answer: tuple[str, str, str]) -> None:
    """Requests and answers match the published description in every field."""
    description, (path, method, status) = Description.read(DESCRIPTION), answer
    assert set(description.answers()) == set(PLAYED), "every described answer is in the table above"
    act, meaning = PLAYED[answer]

    assert act(server) == meaning

    operation = description.whole["paths"][path][method]
    parameters = {each["name"] for each in operation.get("parameters", ())}
    for target, asked, told, said in server.exchanged:
        place = urlsplit(target)
        assert (place.path.removeprefix("/retrouve"), str(told)) == (path, status)
        assert set(parse_qs(place.query)) <= parameters
        bodies = (operation["responses"][status], said), (operation.get("requestBody", {}), asked)
        for described, body in bodies[: 1 if status == "400" else 2]:  # the request with status 400 is invalid
            schema = description.body_of(described)
            assert list(description.faults(schema, json.loads(body)) if schema else ()) == []
    if method == "get" and status == "200":
        assert [bool(urlsplit(target).query) for target, *_ in server.exchanged] == [False, True]


def test_differences_from_the_description_are_found() -> None:
    """The test helper finds every kind of difference from the published description."""
    description = Description.read(DESCRIPTION)
    schemas = description.whole["components"]["schemas"]
    good = json.loads(msgspec.json.encode(FIRST))
    wrong = {"voter": "A" * 64, "request": "x" * 65, "generation": 0, "salt": 1, "more": ""}

    assert list(description.faults(schemas["Reissue"], good)) == []
    for name, value in wrong.items():
        assert len(list(description.faults(schemas["Reissue"], {**good, name: value}))) == 1
    assert list(description.faults(schemas["Reissue"], {})) != []
    assert list(description.faults(schemas["Page"], {"standings": [{}], "next": 1})) != []


def test_a_platform_that_failed_is_not_called_for_a_while(server: PlatformServer) -> None:
    """After a failure, the voting platform is not called for some seconds, and requests get the same outcome."""
    clock = ElectionClock()
    platform = HttpVotingPlatform(f"http://127.0.0.1:{free_port()}", KEY, 1, clock)
    failed = platform.reissue(FIRST)
    platform.url = server.url

    assert isinstance(failed, PlatformOutcomeUnknown)
    assert platform.set_freeze(FREEZE) == platform.reissue(FIRST) == failed
    clock.move(seconds=LONGEST_PAUSE_SECONDS)
    assert platform.reissue(FIRST) == OrderCarriedOut()
