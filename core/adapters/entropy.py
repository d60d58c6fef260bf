"""Randomness from the operating system; and chance that is the same at every run."""

import random
import secrets


class SystemEntropy:
    """The port Entropy."""

    def token(self, size: int) -> bytes:
        return secrets.token_bytes(size)

    def symbols(self, alphabet: str, size: int) -> str:
        return "".join(secrets.choice(alphabet) for _ in range(size))


class SeededEntropy:
    """The port Entropy for tests and the help's pictures: nothing is secret under it. No setting leads here."""

    def __init__(self, seed: int | str = 1) -> None:
        self._random = random.Random(seed)  # noqa: S311  # nothing here is secret

    def token(self, size: int) -> bytes:
        return self._random.randbytes(size)

    def symbols(self, alphabet: str, size: int) -> str:
        return "".join(self._random.choice(alphabet) for _ in range(size))
