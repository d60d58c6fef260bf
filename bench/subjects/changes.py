"""A new password (the MP-6 POST), against argon2id alone with the same parameters in the same minute."""

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from os import cpu_count
from urllib.parse import urlencode

from bench.cases import FLOW, linked, pocket
from bench.figures import Figure, Goal, middle, spread
from bench.ground import Ground
from bench.load import exchange, request
from core.adapters.hashing import Argon2Hasher

ROUNDS, CHANGES = 5, 300
PASSWORD = "Kx7 wq3 Zvj8 nk"
"""Nobody's name is in it: that would be refused."""
PATH = f"/{FLOW.flow.slug}/{FLOW.choose_password.slug}"


def measure(ground: Ground) -> Iterator[Figure]:
    """At concurrency 8, in turn with the raw hashes; the notices go out meanwhile."""
    ground.start("courier", "serve")
    change(ground, CHANGES // 10)
    ground.settle()
    raw, changes = [], []
    for _ in range(ROUNDS):
        raw.append(_raw_rate(CHANGES))
        changes.append(change(ground, CHANGES))
    ratios = [of_change / of_raw for of_change, of_raw in zip(changes, raw, strict=True)]
    yield Figure(name="argon2id alone, a thread a core", value=middle(raw), unit="/s", note=spread(raw))
    yield Figure(name="changes", value=middle(changes), unit="/s", note=spread(changes))
    yield Figure(name="changes to argon2id alone", value=middle(ratios), goal=Goal(least=0.85), note=spread(ratios))


def change(ground: Ground, number: int) -> float:
    """So many voters choose a password; returns how many a second."""
    tokens = linked(ground, ground.next_known(number))
    form = urlencode({"new_password": PASSWORD, "new_password_again": PASSWORD})
    posts = [request("POST", PATH, ground.host, cookies=f"link={pocket(ground, token)}", form=form) for token in tokens]
    exchanged = exchange(ground.installation.port, posts)
    exchanged.require(303)
    return exchanged.rate


def _raw_rate(number: int) -> float:
    hasher = Argon2Hasher()
    with ThreadPoolExecutor(cpu_count()) as threads:
        began = time.perf_counter()
        for _ in threads.map(hasher.hash, [PASSWORD] * number):
            pass
        return number / (time.perf_counter() - began)
