"""A checkpoint is found again in whatever a board pastes or saves it into."""

from datetime import timedelta
from zoneinfo import ZoneInfo

import msgspec
import pytest

from core.adapters.keys import Key, KeyVault
from core.adapters.signing import genuine
from core.journal import checkpoints
from core.journal.checkpoints import Statement
from tests.support.election import ELECTION, NOON, SeededEntropy

VAULT = KeyVault([Key(id=1, secret=b"k" * 32, created=NOON)], SeededEntropy())
MADE = checkpoints.make(
    election=ELECTION.site,
    number=12,
    lines=15234,
    made=(NOON + timedelta(microseconds=7)).astimezone(ZoneInfo("Europe/Paris")),
    digest=b"\xd1" * 32,
    key=VAULT.public_key("journal"),
    sign=lambda statement: VAULT.sign("journal", statement),
)
SHOWN = "\n".join(checkpoints.shown(MADE))


def test_a_statement_is_seven_lines_that_anyone_can_read() -> None:
    """In ASCII, and short enough for any mail program."""
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


def test_its_signature_is_of_those_very_bytes() -> None:
    """And of no others, and by no other key."""
    key = VAULT.public_key("journal")

    assert genuine(key, MADE.statement.encode(), MADE.signature)
    assert not genuine(key, MADE.statement.encode() + b" ", MADE.signature)
    assert not genuine(VAULT.public_key("another"), MADE.statement.encode(), MADE.signature)
    assert not genuine(b"short", MADE.statement.encode(), MADE.signature)
    assert not genuine(key, MADE.statement.encode(), b"short")


def wrapped(text: str, width: int) -> str:
    """As a program that breaks long words shows it."""
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


@pytest.mark.parametrize("name", PASTED)
def test_it_is_found_wherever_it_was_pasted(name: str) -> None:
    """Whole, with its signature."""
    ((said, signature),) = checkpoints.found(PASTED[name])

    assert (said.text(), signature) == (MADE.statement, MADE.signature)


def test_several_are_found_in_one_file() -> None:
    """As in an export; what is no checkpoint is passed over."""
    other = SHOWN.replace("number 12", "number 13")

    found = checkpoints.found(f"{SHOWN}\n\nnothing\n\n{other}\n\n{SHOWN[:-3]}")

    assert [said.number for said, _ in found] == [12, 13]
    assert checkpoints.found("Bonjour") == ()


def test_a_stored_statement_is_read_byte_for_byte() -> None:
    """One that only looks the same is not what was signed."""
    assert checkpoints.said(MADE).lines == 15234
    for changed in (
        MADE.statement.replace("\n", " \n", 1),
        MADE.statement + " ",
        MADE.statement.replace("number 12", "number 012"),
        "",
    ):
        assert checkpoints.read(changed) is None
    with pytest.raises(ValueError, match="not one of ours"):
        checkpoints.said(msgspec.structs.replace(MADE, statement="no"))


def test_what_is_read_is_what_was_said() -> None:
    """Every field."""
    assert checkpoints.read(MADE.statement) == Statement(
        election=ELECTION.site,
        number=12,
        lines=15234,
        made="2018-11-30T11:00:00Z",
        digest=b"\xd1" * 32,
        key=VAULT.public_key("journal"),
    )
