"""The hashed form of an event is as documented, and is computed again here without our own code."""

import hashlib
import json
import subprocess
from datetime import UTC, datetime

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from core.journal import canonical_line_json
from core.ports import Actor, Event, EventType, JournalLine
from tests.support.election import NOON, ODD

EVENT = Event(at=ODD, actor=Actor.VOTER, act=EventType.ASKED, case="7F3K-92QD", reason='« é » "\\\n\u2028')


def line_of(event: Event, number: int = 12) -> JournalLine:
    """Return the event as a store returns it."""
    return JournalLine(number, msgspec.structs.asdict(event))


def test_an_event_is_canonical_json() -> None:
    """An event is JSON with sorted keys, without empty values, and with RFC 3339 times."""
    assert canonical_line_json.canonical_line_bytes(line_of(EVENT)).decode() == (
        '{"act":"asked","actor":"voter","at":"2018-11-30T13:02:03.456789Z","case":"7F3K-92QD","line":12,'
        '"reason":"« é » \\"\\\\\\n\u2028"}'
    )
    assert b'"at":"2018-11-30T11:00:00Z"' in canonical_line_json.canonical_line_bytes(
        line_of(msgspec.structs.replace(EVENT, at=NOON))
    )


@given(
    reason=st.none() | st.text(st.characters(exclude_categories=["Cs"])),
    voter=st.none() | st.integers(1, 2**53),
    at=st.datetimes(datetime(1970, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC)),  # noqa: DTZ001  # hypothesis adds the zone
)
def test_pythons_json_encoder_writes_the_same_bytes(reason: str | None, voter: int | None, at: datetime) -> None:
    """Python's own JSON encoder writes the same bytes."""
    event = msgspec.structs.replace(EVENT, reason=reason, voter=voter, at=at)
    moment = at.isoformat().replace("+00:00", "Z")
    plain = {"act": "asked", "actor": "voter", "at": moment, "case": EVENT.case, "line": 12}
    plain |= {name: value for name, value in (("reason", reason), ("voter", voter)) if value is not None}

    written = json.dumps(plain, sort_keys=True, ensure_ascii=False, separators=(",", ":"))

    assert canonical_line_json.canonical_line_bytes(line_of(event)) == written.encode()


def test_the_documented_shell_command_gives_the_digest() -> None:
    """The shell command of the documentation gives the same digest."""
    previous, text = hashlib.sha256(b"before").digest(), canonical_line_json.canonical_line_bytes(line_of(EVENT))
    (command,) = [line.strip() for line in (canonical_line_json.__doc__ or "").splitlines() if "sha256sum" in line]

    said = subprocess.run(
        ["sh", "-c", command],
        env={"previous": previous.hex(), "json": text.decode()},
        capture_output=True,
        text=True,
        check=True,
    )

    assert said.stdout.split()[0] == canonical_line_json.chained_line_digest(previous, text).hex()


def test_a_new_column_keeps_old_digests() -> None:
    """An empty column is left out, so that a column added later keeps old digests the same."""
    old = line_of(EVENT)
    added = JournalLine(old.number, {**old.columns, "added": None})
    used = JournalLine(old.number, {**old.columns, "added": "something"})

    assert canonical_line_json.canonical_line_bytes(added) == canonical_line_json.canonical_line_bytes(old)
    assert canonical_line_json.canonical_line_bytes(used) != canonical_line_json.canonical_line_bytes(old)


def test_every_column_of_an_event_is_hashed() -> None:
    """Each field of an event changes what is hashed."""
    every = JournalLine(1, dict.fromkeys(Event.__struct_fields__, "value"))

    assert set(json.loads(canonical_line_json.canonical_line_bytes(every))) == {"line", *Event.__struct_fields__}
