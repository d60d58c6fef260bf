"""Expresses figures as multiples of raw argon2id, measured before and after each round."""

import os
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from statistics import median

from core.adapters.password_hashing import Argon2PasswordHasher
from tests.bench.figures import Figure, median_figure

CORES = os.cpu_count() or 1
LEAST_SHARE = 80
HASHES = 40
"""About half a second on two cores."""


@dataclass(frozen=True, slots=True)
class Argon2id:
    """The speed of raw argon2id with the product's parameters and one thread per core."""

    rate: float
    """Hashes per second."""
    cpu: float
    """CPU seconds per hash."""


measured: list[Argon2id] = []
"""All measurements since the last call of `yardstick_figures`."""
Round = tuple[tuple[float, ...], Argon2id]
"""The values of one round, and the mean of the argon2id measurements before and after it."""


def measure_argon2id() -> Argon2id:
    """Hash on all cores at once."""
    hasher = Argon2PasswordHasher()
    with ThreadPoolExecutor(CORES) as threads:
        began, spent = time.perf_counter(), time.process_time()
        list(threads.map(hasher.hash, ["Lavande bleue 2018"] * HASHES))
        measured.append(Argon2id(HASHES / (time.perf_counter() - began), (time.process_time() - spent) / HASHES))
    return measured[-1]


def yardstick_figures() -> Iterator[Figure]:
    """Yield the argon2id figures since the last call. If other programs used much CPU, the other figures are invalid."""
    if measured:
        note = f"{median(each.cpu for each in measured) * 1000:.3g} ms of CPU each"
        yield Figure(name="argon2id on all cores", value=median(each.rate for each in measured), unit="/s", note=note)
        share = median(each.rate * each.cpu / CORES for each in measured)
        yield Figure(name="share of the processors that it got", value=share * 100, unit="%", least=LEAST_SHARE)
    measured.clear()


def beside_argon2id(rounds: int, *measures: Callable[[], tuple[float, ...]]) -> list[Round]:
    """Run that many rounds of each measure in turn, with argon2id measurements between them."""
    done = []
    before = measure_argon2id()
    for measure in measures * rounds:
        values = measure()
        after = measure_argon2id()
        done.append((values, Argon2id((before.rate + after.rate) / 2, (before.cpu + after.cpu) / 2)))
        before = after
    return done


def timed(work: Callable[[], object]) -> tuple[float]:
    """Do some work and return its duration in seconds, as the only value of a measure."""
    began = time.perf_counter()
    work()
    return (time.perf_counter() - began,)


def rate_figure(name: str, rounds: Sequence[Round], least: float | None = None, *, which: int = 0) -> Figure:
    """Return the rate at index `which` of each round, as a multiple of raw argon2id on all cores."""
    rates, hashes = [values[which] for values, _ in rounds], [argon2id.rate for _, argon2id in rounds]
    note = f"{median(rates):,.4g}/s beside {median(hashes):.3g}/s"
    ratios = [rate / each for rate, each in zip(rates, hashes, strict=True)]
    return median_figure(name, ratios, "× argon2id", note, least=least)


def time_figure(name: str, rounds: Sequence[Round], most: float | None = None, *, which: int = 0) -> Figure:
    """Return the seconds at index `which` of each round, as a multiple of the CPU seconds per hash."""
    seconds, hashes = [values[which] for values, _ in rounds], [argon2id.cpu for _, argon2id in rounds]
    note = f"{median(seconds):,.3g} s beside {median(hashes):.3g} s"
    ratios = [each / cpu for each, cpu in zip(seconds, hashes, strict=True)]
    return median_figure(name, ratios, "hashes", note, most=most)
