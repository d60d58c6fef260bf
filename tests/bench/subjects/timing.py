"""Measures whether response times reveal which addresses are known, as an AUC. 0.5 means that they do not."""

from collections.abc import Iterable, Iterator
from itertools import pairwise
from random import Random

from tests.bench.figures import Figure
from tests.bench.load_generator import send
from tests.bench.measured_system import MeasuredSystem
from tests.bench.prepared_requests import ask_forms, signed_in, unknown_address, with_password, wrong_sign_in_forms
from tests.bench.subjects.reissues import begin, identity_form

EACH, SPARE = 2_000, 20
CONNECTIONS = 2
"""One connection per core, so that answers do not wait for each other."""


def measure_timing(system: MeasuredSystem) -> Iterator[Figure]:
    """Send 2,000 requests for known and unknown voters in random order: asks, wrong passwords and refused identities."""
    system.start("courier", "serve")
    system.settle()
    known = _mixed(system.next_addresses(EACH))
    asks = ask_forms(system, known)
    yield _figure(system, "known told from unknown by the time of asks", asks, known.values(), 303)
    known = _mixed(with_password(system, system.next_addresses(EACH)))
    sign_ins = wrong_sign_in_forms(system, known)
    yield _figure(system, "known told from unknown by the time of sign-ins", sign_ins, known.values(), 422)
    neighbours = pairwise(system.next_people(2 * EACH + SPARE))
    pairs = [(one, other) for one, other in neighbours if one["birth_date"] != other["birth_date"]][: 2 * EACH]
    wrong = Random(EACH).sample(["birth_date", "numen"] * EACH, 2 * EACH)  # noqa: S311  # the order of a bench
    typed = [{**one, name: other[name]} for (one, other), name in zip(pairs, wrong, strict=True)]
    browsers = signed_in(system, [one["email"] for one, _ in pairs])
    begin(system, browsers)
    identities = [identity_form(system, *each) for each in zip(typed, browsers, strict=True)]
    kinds = [name == "numen" for name in wrong]
    yield _figure(system, "wrong birth date told from wrong NUMEN", identities, kinds, 422)


def _mixed(known: list[str]) -> dict[str, bool]:
    """Return these addresses and the same number of unknown ones in random order. The value is True if it is known."""
    addresses = [(address, True) for address in known] + [(unknown_address(), False) for _ in known]
    Random(len(known)).shuffle(addresses)  # noqa: S311  # the order of a bench
    return dict(addresses)


def _figure(system: MeasuredSystem, name: str, requests: list[bytes], kinds: Iterable[bool], status: int) -> Figure:
    took = list(zip(send(system.port, requests, status, connections=CONNECTIONS).each, kinds, strict=True))
    value = auc([each for each, kind in took if kind], [each for each, kind in took if not kind])
    return Figure(name=name, value=value, unit="AUC", least=0.45, most=0.55)


def auc(these: list[float], those: list[float]) -> float:
    """Return the share of pairs in which the first list has the larger value (Mann–Whitney U)."""
    ranked = sorted([(value, True) for value in these] + [(value, False) for value in those])
    ranks = sum(rank for rank, (_, is_these) in enumerate(ranked, 1) if is_these)
    return (ranks - len(these) * (len(these) + 1) / 2) / (len(these) * len(those))
