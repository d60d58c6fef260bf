"""A checkpoint is found in any text or file in which the board has kept it."""

from datetime import timedelta
from zoneinfo import ZoneInfo

import msgspec
import pytest

from core.adapters.key_vault import KeyVault, MasterKey
from core.journal import checkpoints
from core.journal.verifier import find_checkpoints, is_genuine_signature, parse_statement
from tests.support.election import ELECTION, NOON, SeededRandomSource

VAULT = KeyVault([MasterKey(id=1, secret=b"k" * 32, created=NOON)], SeededRandomSource())
MADE = checkpoints.make_checkpoint(
    election=ELECTION.site,
    number=12,
    lines=15234,
    made=(NOON + timedelta(microseconds=7)).astimezone(ZoneInfo("Europe/Paris")),
    digest=b"\xd1" * 32,
    key=VAULT.public_key("journal"),
    sign=lambda statement: VAULT.sign("journal", statement),
)
SHOWN = "\n".join(checkpoints.checkpoint_lines(MADE))


def test_a_statement_is_seven_lines_that_anyone_can_read() -> None:
    """The statement of a checkpoint has seven short lines of ASCII."""
    assert MADE.statement.splitlines() == [
        "retrouve-checkpoint 1",
        "election https://vote.ac-lumiere.example",
        "number 12",
        "lines 15234",
        "made 2018-11-30T11:00:00Z",
        f"digest {'d1' * 32}",
        f"key {VAULT.public_key('journal').hex()}",
    ]
    assert MADE.statement.isascii()
    assert max(map(len, SHOWN.splitlines())) <= 72


def test_a_signature_holds_for_exactly_its_bytes() -> None:
    """The signature of a checkpoint is valid only for its exact bytes and key."""
    key = VAULT.public_key("journal")

    assert is_genuine_signature(key, MADE.statement.encode(), MADE.signature)
    assert not is_genuine_signature(key, MADE.statement.encode() + b" ", MADE.signature)
    assert not is_genuine_signature(VAULT.public_key("another"), MADE.statement.encode(), MADE.signature)
    assert not is_genuine_signature(b"short", MADE.statement.encode(), MADE.signature)
    assert not is_genuine_signature(key, MADE.statement.encode(), b"short")


def wrapped(text: str, width: int) -> str:
    """Return a text in lines of the given width, as a program that breaks long words shows it."""
    return "\n".join(line[start : start + width] for line in text.splitlines() for start in range(0, len(line), width))


PASTED = {
    "as it is": SHOWN,
    "in a letter": f"Bonjour,\n\n{SHOWN}\n\nCordialement",
    "quoted": "\n".join(f"> > {line}" for line in SHOWN.splitlines()),
    "windows": SHOWN.replace("\n", "\r\n"),
    "spaced out": SHOWN.replace("\n", "  \n\n\t").replace(" ", "\u00a0"),
    "broken": wrapped(SHOWN, 50),
    "on one line": SHOWN.replace("\n", " "),
    "quoted-printable": SHOWN.replace("d1d1", "d1=\r\nd1", 1),
}


def test_a_pasted_checkpoint_is_found() -> None:
    """Every checkpoint in a pasted text is found with its signature, even if it is quoted or its lines are broken."""
    for name, text in PASTED.items():
        ((said, signature),) = find_checkpoints(text)
        assert (said.text(), signature) == (MADE.statement, MADE.signature), name
    other = SHOWN.replace("number 12", "number 13")
    found = find_checkpoints(f"{SHOWN}\n\nnothing\n\n{other}\n\n{SHOWN[:-3]}")
    assert [said.number for said, _ in found] == [12, 13]
    assert find_checkpoints("Bonjour") == ()


def test_a_stored_statement_is_read_byte_for_byte() -> None:
    """A stored statement that differs from the signed one in any byte is refused."""
    assert checkpoints.checkpoint_statement_of(MADE).lines == 15234
    for changed in (
        MADE.statement.replace("\n", " \n", 1),
        MADE.statement + " ",
        MADE.statement.replace("number 12", "number 012"),
        "",
    ):
        assert parse_statement(changed) is None
    with pytest.raises(ValueError, match="malformed"):
        checkpoints.checkpoint_statement_of(msgspec.structs.replace(MADE, statement="no"))
