"""Randomness from the operating system."""

import secrets


class SystemEntropy:
    """The port Entropy."""

    def token(self, size: int) -> bytes:
        return secrets.token_bytes(size)

    def symbols(self, alphabet: str, size: int) -> str:
        return "".join(secrets.choice(alphabet) for _ in range(size))
