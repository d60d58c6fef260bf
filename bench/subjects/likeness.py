"""Whether the time of an answer tells an address on the roll from one that is not: AUC, 0.5 is a coin."""

from collections.abc import Callable, Iterator
from http import HTTPStatus
from random import Random
from urllib.parse import urlencode

from bench.cases import FLOW, REISSUE, confirming, identified, signed_in, stranger, with_password
from bench.figures import Figure, Goal
from bench.ground import Ground
from bench.load import exchange, request
from bench.subjects import asks
from bench.subjects.reissues import identity

EACH = 2_000
GOAL = Goal(least=0.45, most=0.55)
IDENTITY = f"/{REISSUE.flow.slug}/{REISSUE.identity.slug}"
SIGN_IN = f"/{FLOW.flow.slug}/{FLOW.choose_way.slug}"
WRONG = "Mauvais mot de passe 1"
CONNECTIONS = 2
"""Each answer is timed from its own request; one core an answer, so that they do not wait for one another."""


def measure(ground: Ground) -> Iterator[Figure]:
    """2,000 of each in random order: asks, and tries to sign in with a wrong password where a voter has one."""
    ground.start("courier", "serve")
    ground.settle()
    for name, prepare, known in (
        ("asks", _asks, ground.next_known(EACH)),
        ("sign-ins", _sign_ins, with_password(ground, ground.next_known(EACH))),
    ):
        value = _told_apart(ground, prepare, known)
        yield Figure(name=f"known told from unknown by the time of {name}", value=value, unit="AUC", goal=GOAL)
    value = _what_is_wrong(ground)
    yield Figure(name="wrong birth date told from wrong NUMEN", value=value, unit="AUC", goal=GOAL)


def _what_is_wrong(ground: Ground) -> float:
    """At ID-2, where one of the two is another person's."""
    people = ground.next_people(2 * EACH)
    cookies = signed_in(ground, [person["email"] for person in people], opened=True)
    wrong = ["birth_date", "numen"] * EACH
    Random(EACH).shuffle(wrong)  # noqa: S311  # the order of a bench
    other = people[1:] + people[:1]
    forms = [identity(person, **{name: their[name]}) for person, their, name in zip(people, other, wrong, strict=True)]
    posts = [
        request("POST", IDENTITY, ground.host, cookies=cookie, form=urlencode(form))
        for cookie, form in zip(cookies, forms, strict=True)
    ]
    took = exchange(ground.installation.port, posts, connections=CONNECTIONS)
    took.require(HTTPStatus.UNPROCESSABLE_ENTITY)
    return auc(*([each for each, name in zip(took.each, wrong, strict=True) if name == which] for which in set(wrong)))


def _told_apart(ground: Ground, prepare: Callable[[Ground, list[str]], list[bytes]], known: list[str]) -> float:
    mixed = [(address, True) for address in known] + [(stranger(), False) for _ in known]
    Random(len(known)).shuffle(mixed)  # noqa: S311  # the order of a bench
    requests = prepare(ground, [address for address, _ in mixed])
    took = exchange(ground.installation.port, requests, connections=CONNECTIONS).each
    return auc(
        [seconds for seconds, (_, is_known) in zip(took, mixed, strict=True) if is_known],
        [seconds for seconds, (_, is_known) in zip(took, mixed, strict=True) if not is_known],
    )


def _asks(ground: Ground, addresses: list[str]) -> list[bytes]:
    return asks.requests(ground, confirming(ground, addresses))


def _sign_ins(ground: Ground, addresses: list[str]) -> list[bytes]:
    form = urlencode({"choice": FLOW.choose_way.acts[0].name, "password": WRONG})
    return [
        request("POST", SIGN_IN, ground.host, cookies=f"case={handle}", form=form)
        for handle in identified(ground, addresses)
    ]


def auc(these: list[float], those: list[float]) -> float:
    """How likely one of these is longer than one of those: Mann and Whitney's U, as a share."""
    ranked = sorted([(value, True) for value in these] + [(value, False) for value in those])
    ranks = sum(rank for rank, (_, is_these) in enumerate(ranked, 1) if is_these)
    return (ranks - len(these) * (len(these) + 1) / 2) / (len(these) * len(those))
