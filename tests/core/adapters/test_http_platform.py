"""The voting platform over HTTP: what it is told, and what each of its answers means (CASE 34)."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import msgspec
import pytest
import yaml

from core.adapters.http_platform import HttpPlatform
from core.platform import Away, Denied, Done, Hold, Overtaken, PlatformAway, Reissue, Standing
from tests.support.election import MovableClock
from tests.support.openapi import Description
from tests.support.platform_server import KEY, PlatformServer, platform_server
from tests.support.product.ports import free_port

FIRST = Reissue(voter="a" * 64, request="7F3K-92QD.1", generation=1, salt=b"s" * 16, verifier=b"v" * 32)
DESCRIPTION = Path(__file__).parents[3] / "deploy" / "platform.openapi.yaml"


@pytest.fixture
def server() -> Iterator[PlatformServer]:
    """A platform."""
    with platform_server() as played:
        yield played


def client(server: PlatformServer, key: bytes = KEY, seconds: float = 5) -> HttpPlatform:
    """Ours."""
    return HttpPlatform(server.url, key, seconds, MovableClock())


def test_a_reissue_is_told_and_repeating_it_is_harmless(server: PlatformServer) -> None:
    """As the port says."""
    platform = client(server)

    assert platform.reissue(FIRST) == Done()
    assert platform.reissue(FIRST) == Done()
    assert list(platform.standings()) == [Standing(voter=FIRST.voter, generation=1, frozen=False)]


def test_what_the_platform_says_is_understood(server: PlatformServer) -> None:
    """Overtaken, frozen, and held."""
    platform = client(server)
    platform.reissue(FIRST)
    other = Reissue(voter=FIRST.voter, request="x", generation=1, salt=b"s", verifier=b"v")
    next_one = Reissue(voter=FIRST.voter, request="y", generation=2, salt=b"s", verifier=b"v")

    assert platform.reissue(other) == Overtaken(1)
    assert platform.hold(Hold(voter=FIRST.voter, frozen=True, sequence=1)) == Done()
    assert platform.reissue(next_one) == Denied("frozen")


def test_standings_are_read_page_by_page(server: PlatformServer) -> None:
    """All of them, once."""
    platform = client(server)
    voters = [f"{number:064x}" for number in range(5)]
    for voter in voters:
        platform.hold(Hold(voter=voter, frozen=True, sequence=1))

    assert [standing.voter for standing in platform.standings()] == voters


def test_a_wrong_key_is_our_operators_to_mend_and_no_refusal(server: PlatformServer) -> None:
    """What is told waits."""
    platform = client(server, b"another key of thirty-two characters")

    assert platform.reissue(FIRST) == Away("HTTP 401")
    with pytest.raises(PlatformAway):
        list(platform.standings())


@pytest.mark.parametrize(
    ("status", "body", "means"),
    [
        (500, b"", Away("HTTP 500")),
        (503, b"", Away("HTTP 503")),
        (404, b"", Away("HTTP 404")),
        (301, b"", Away("HTTP 301")),
        (409, b"not json", Away("unreadable answer")),
        (422, b"not json", Denied("refused")),
        (422, b'{"reason": "unknown-voter"}', Denied("unknown-voter")),
        (200, b"whatever", Done()),
        (204, b"", Done()),
    ],
)
def test_every_answer_means_one_thing(server: PlatformServer, status: int, body: bytes, means: object) -> None:
    """What is unclear is told again."""
    server.status, server.body = status, body

    assert client(server).reissue(FIRST) == means


def test_case_34_a_platform_that_does_not_answer_is_away() -> None:
    """Nobody listens."""
    nobody = HttpPlatform(f"http://127.0.0.1:{free_port()}", KEY, 1, MovableClock())

    assert isinstance(nobody.reissue(FIRST), Away)
    assert isinstance(nobody.hold(Hold(voter="a", frozen=True, sequence=1)), Away)


def test_case_34_one_that_is_silent_is_away_and_what_it_did_is_not_done_twice(server: PlatformServer) -> None:
    """The time-out ends the wait; told again, it says that it was done."""
    server.deaf = True
    assert isinstance(client(server, seconds=0.2).reissue(FIRST), Away)
    server.deaf = False

    assert client(server).reissue(FIRST) == Done()
    assert [standing.generation for standing in client(server).standings()] == [1]


def test_the_identifier_is_never_told(server: PlatformServer) -> None:
    """Nor the address: a pseudonym and a verifier."""
    client(server).reissue(FIRST)

    assert set(Reissue.__struct_fields__) == {"voter", "request", "generation", "salt", "verifier"}


def test_the_description_is_what_is_called(server: PlatformServer) -> None:
    """Paths, fields and headers, for the platform's makers."""
    described = yaml.safe_load(DESCRIPTION.read_text("utf-8"))
    platform = client(server)
    platform.reissue(FIRST)
    platform.hold(Hold(voter=FIRST.voter, frozen=False, sequence=1))
    list(platform.standings())

    schemas = described["components"]["schemas"]
    for kind in (Reissue, Hold, Standing):
        assert set(schemas[kind.__name__]["properties"]) == set(kind.__struct_fields__)
        assert set(schemas[kind.__name__]["required"]) == set(kind.__struct_fields__)
    assert {path.removeprefix("/retrouve") for path, _ in server.asked} == set(described["paths"])
    named = {each["name"] for each in described["components"]["securitySchemes"].values()}
    assert all(named <= set(headers) for _, headers in server.asked)


# ── The description, walked from its first path to its last answer ──────────────────────────────────────

SECOND = Reissue(voter=FIRST.voter, request="7F3K-92QD.2", generation=2, salt=b"t" * 16, verifier=b"w" * 32)
FREEZE = Hold(voter=FIRST.voter, frozen=True, sequence=3)
Play = Callable[[PlatformServer], object]


def refusing(act: Play) -> Play:
    """That, while the platform refuses everything for good."""

    def played(server: PlatformServer) -> object:
        server.status, server.body = 422, b'{"reason": "unknown-voter"}'
        return act(server)

    return played


def read_standings(server: PlatformServer) -> list[Standing]:
    """More than a page of them."""
    for number in range(3):
        server.registry.hold(Hold(voter=f"{number:064x}", frozen=True, sequence=1))
    return list(client(server).standings())


def without_key(act: Callable[[HttpPlatform], object]) -> Play:
    """That, by somebody who does not know the key."""

    def played(server: PlatformServer) -> object:
        try:
            return act(client(server, b"another key of thirty-two characters"))
        except PlatformAway as away:
            return Away(str(away))

    return played


PLAYED: dict[tuple[str, str, str], tuple[Play, object]] = {
    ("/reissues", "post", "200"): (lambda server: client(server).reissue(FIRST), Done()),
    ("/reissues", "post", "401"): (without_key(lambda platform: platform.reissue(FIRST)), Away("HTTP 401")),
    ("/reissues", "post", "409"): (lambda server: client(server).reissue(SECOND), Overtaken(0)),
    ("/reissues", "post", "422"): (refusing(lambda server: client(server).reissue(FIRST)), Denied("unknown-voter")),
    ("/holds", "post", "200"): (lambda server: client(server).hold(FREEZE), Done()),
    ("/holds", "post", "401"): (without_key(lambda platform: platform.hold(FREEZE)), Away("HTTP 401")),
    ("/holds", "post", "422"): (refusing(lambda server: client(server).hold(FREEZE)), Denied("unknown-voter")),
    ("/standings", "get", "200"): (
        read_standings,
        [Standing(voter=f"{number:064x}", generation=0, frozen=True) for number in range(3)],
    ),
    ("/standings", "get", "401"): (without_key(lambda platform: list(platform.standings())), Away("HTTP 401")),
}
"""Each answer that is described: how one gets it, and what it means to us."""


def test_every_answer_that_is_described_is_played() -> None:
    """A new one needs its line above."""
    assert set(Description.read(DESCRIPTION).answers()) == set(PLAYED)


@pytest.mark.parametrize("answer", PLAYED, ids=" ".join)
def test_what_goes_over_the_wire_is_as_described(server: PlatformServer, answer: tuple[str, str, str]) -> None:
    """Request and answer, to the last field."""
    description, (path, method, status) = Description.read(DESCRIPTION), answer
    act, meaning = PLAYED[answer]

    assert act(server) == meaning

    operation = description.whole["paths"][path][method]
    parameters = {each["name"] for each in operation.get("parameters", ())}
    for target, asked, told, said in server.exchanged:
        place = urlsplit(target)
        assert (place.path.removeprefix("/retrouve"), str(told)) == (path, status)
        assert set(parse_qs(place.query)) <= parameters
        bodies = (operation.get("requestBody", {}), asked), (operation["responses"][status], said)
        for described, body in bodies:
            schema = description.body_of(described)
            assert list(description.faults(schema, json.loads(body)) if schema else ()) == []
    if method == "get" and status == "200":
        assert [bool(urlsplit(target).query) for target, *_ in server.exchanged] == [False, True]


def test_what_is_not_as_described_is_found() -> None:
    """Each rule that the description uses."""
    description = Description.read(DESCRIPTION)
    schemas = description.whole["components"]["schemas"]
    good = json.loads(msgspec.json.encode(FIRST))
    wrong = {"voter": "A" * 64, "request": "x" * 65, "generation": 0, "salt": 1, "more": ""}

    assert list(description.faults(schemas["Reissue"], good)) == []
    for name, value in wrong.items():
        assert len(list(description.faults(schemas["Reissue"], {**good, name: value}))) == 1
    assert list(description.faults(schemas["Reissue"], {})) != []
    assert list(description.faults(schemas["Page"], {"standings": [{}], "next": 1})) != []
