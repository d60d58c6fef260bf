"""What is hashed of a line: told in the documentation, and done again here without our own code."""

import hashlib
import json
import subprocess
from datetime import UTC, datetime

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from core.journal import form
from core.ports import Act, Actor, Event, Line
from tests.support.election import NOON, ODD

EVENT = Event(at=ODD, actor=Actor.VOTER, act=Act.ASKED, case="7F3K-92QD", reason='« é » "\\\n\u2028')


def line_of(event: Event, number: int = 12) -> Line:
    """As a store gives it."""
    return Line(number, msgspec.structs.asdict(event))


def test_a_line_is_json_that_anyone_can_write_again() -> None:
    """Its keys in order, nothing without a value, moments as RFC 3339 writes them."""
    assert form.written(line_of(EVENT)).decode() == (
        '{"act":"asked","actor":"voter","at":"2018-11-30T13:02:03.456789Z","case":"7F3K-92QD","line":12,'
        '"reason":"« é » \\"\\\\\\n\u2028"}'
    )
    assert b'"at":"2018-11-30T11:00:00Z"' in form.written(line_of(msgspec.structs.replace(EVENT, at=NOON)))


@given(
    reason=st.none() | st.text(st.characters(exclude_categories=["Cs"])),
    voter=st.none() | st.integers(1, 2**53),
    at=st.datetimes(datetime(1970, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC)),  # noqa: DTZ001  # its zone is drawn apart
)
def test_python_s_own_json_writes_the_same(reason: str | None, voter: int | None, at: datetime) -> None:
    """So the form depends on no library."""
    event = msgspec.structs.replace(EVENT, reason=reason, voter=voter, at=at)
    moment = at.isoformat().replace("+00:00", "Z")
    plain = {"act": "asked", "actor": "voter", "at": moment, "case": EVENT.case, "line": 12}
    plain |= {name: value for name, value in (("reason", reason), ("voter", voter)) if value is not None}

    written = json.dumps(plain, sort_keys=True, ensure_ascii=False, separators=(",", ":"))

    assert form.written(line_of(event)) == written.encode()


def test_the_digest_is_the_one_of_the_shell() -> None:
    """The command of the documentation, as it stands there."""
    previous, text = hashlib.sha256(b"before").digest(), form.written(line_of(EVENT))
    (command,) = [line.strip() for line in (form.__doc__ or "").splitlines() if "sha256sum" in line]

    said = subprocess.run(
        ["sh", "-c", command],
        env={"previous": previous.hex(), "json": text.decode()},
        capture_output=True,
        text=True,
        check=True,
    )

    assert said.stdout.split()[0] == form.digest(previous, text).hex()


def test_a_column_added_later_leaves_old_digests_as_they_were() -> None:
    """A column without a value is left out; one with a value is not."""
    old = line_of(EVENT)
    added = Line(old.number, {**old.columns, "added": None})
    used = Line(old.number, {**old.columns, "added": "something"})

    assert form.written(added) == form.written(old)
    assert form.written(used) != form.written(old)


def test_every_column_of_an_event_is_hashed() -> None:
    """Whatever fields an event gets, each of them changes what is written."""
    every = Line(1, dict.fromkeys(Event.__struct_fields__, "value"))

    assert set(json.loads(form.written(every))) == {"line", *Event.__struct_fields__}
