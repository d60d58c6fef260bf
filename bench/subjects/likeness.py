"""Whether the time of an answer tells an address on the roll from one that is not: AUC, 0.5 is a coin."""

from collections.abc import Callable, Iterator
from random import Random
from urllib.parse import urlencode

from bench.cases import FLOW, confirming, identified, stranger, with_password
from bench.figures import Figure, Goal
from bench.ground import Ground
from bench.load import exchange, request
from bench.subjects import asks

EACH = 2_000
GOAL = Goal(least=0.45, most=0.55)
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
