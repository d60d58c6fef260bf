import random
import secrets


class SystemRandomSource:
    def random_bytes(self, size: int) -> bytes:
        return secrets.token_bytes(size)

    def random_symbols(self, alphabet: str, size: int) -> str:
        left, symbols = secrets.randbelow(len(alphabet) ** size), ""  # one system call for all symbols
        for _ in range(size):
            left, drawn = divmod(left, len(alphabet))
            symbols += alphabet[drawn]
        return symbols


class SeededRandomSource:
    def __init__(self, seed: int | str = 1) -> None:
        self._random = random.Random(seed)  # noqa: S311  # nothing here is secret

    def random_bytes(self, size: int) -> bytes:
        return self._random.randbytes(size)

    def random_symbols(self, alphabet: str, size: int) -> str:
        return "".join(self._random.choice(alphabet) for _ in range(size))
