"""The random source returns bytes and symbols."""

from core.adapters.random_source import SystemRandomSource


def test_tokens_have_their_size_and_do_not_repeat() -> None:
    """Random bytes have the requested size and do not repeat, and every symbol of an alphabet is drawn."""
    tokens = {SystemRandomSource().random_bytes(16) for _ in range(1000)}

    assert len(tokens) == 1000
    assert {len(token) for token in tokens} == {16}

    symbols = SystemRandomSource().random_symbols("ABC", 3000)

    assert len(symbols) == 3000
    assert set(symbols) == set("ABC")
