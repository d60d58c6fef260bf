"""Rotating and retiring master keys while processes run."""

import os
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Event as Signal
from threading import Thread

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, consumes, initialize, invariant, rule
from sqlalchemy import LargeBinary

from core import purposes
from core.adapters import key_changes, key_watch, keys
from core.adapters.entropy import SystemEntropy
from core.adapters.key_changes import SETTLED, ChangeRefused, retire, rotate
from core.adapters.key_watch import LOOK_SECONDS, KeyWatch
from core.adapters.keys import Key, KeyVault, create, key_of, read, succeeds
from core.adapters.sql.tables import metadata
from tests.support.product import together

NOW = datetime(2018, 11, 5, 9, 0, tzinfo=UTC)
LATER = NOW + timedelta(days=1)
ENTROPY = SystemEntropy()


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """A new key file."""
    create(tmp_path / "master.key", entropy=ENTROPY, now=NOW)
    return tmp_path / "master.key"


def process(file: Path) -> KeyVault:
    """What a process that starts now works with."""
    return KeyVault(read(file), ENTROPY, KeyWatch(file))


def look_again(vault: KeyVault) -> None:
    """A few seconds pass for that process."""
    assert isinstance(vault._watch, KeyWatch)
    vault._watch._next = 0.0


def sealed_by(vault: KeyVault, clear: bytes = b"clear") -> bytes:
    """Something sealed now."""
    return vault.seal(purposes.OUTBOX, clear, context=b"")


def opened_by(vault: KeyVault, sealed: bytes) -> bytes | None:
    """What it holds."""
    return vault.open(purposes.OUTBOX, sealed, context=b"")


def fine(_ids: frozenset[int]) -> None:
    """No message needs those keys."""


# ── Any order of things ──────────────────────────────────────────────────────────────────────────────────


class Processes(RuleBasedStateMachine):
    """Processes that seal and open while keys come and go; none looks at the file unless it must."""

    sealed = Bundle("sealed")

    @initialize()
    def start(self) -> None:
        """Three processes of one election."""
        self.folder = TemporaryDirectory()
        self.file = Path(self.folder.name) / "master.key"
        create(self.file, entropy=ENTROPY, now=NOW)
        self.vaults = [process(self.file) for _ in range(3)]
        self.digest = self.vaults[0].digest(purposes.PHONE, b"+33692000000")
        self.alive = {1}

    @rule(target=sealed, number=st.integers(0, 2), clear=st.binary(max_size=5))
    def seal(self, number: int, clear: bytes) -> tuple[bytes, bytes]:
        """Any process seals, perhaps with a key that is no longer the newest."""
        return sealed_by(self.vaults[number], clear), clear

    @rule(thing=sealed)
    def open(self, thing: tuple[bytes, bytes]) -> None:
        """Every process opens it, whatever it knew; a new one too, unless its key was retired."""
        body, clear = thing
        if key_of(body) in self.alive:
            assert [opened_by(vault, body) for vault in (*self.vaults, process(self.file))] == [clear] * 4
        else:
            assert opened_by(process(self.file), body) is None

    @rule()
    def rotate(self) -> None:
        """One more key."""
        self.alive.add(rotate(self.file, entropy=ENTROPY, now=NOW).id)

    @rule()
    def retire(self) -> None:
        """Once the newest is everybody's."""
        for vault in self.vaults:
            look_again(vault)
            sealed_by(vault)
        if len(self.alive) > 1:
            retire(self.file, now=NOW + SETTLED, check=fine)
            self.alive = {max(self.alive)}

    @rule(thing=consumes(sealed))
    def forget(self, thing: tuple[bytes, bytes]) -> None:
        """Sent, and erased."""

    @rule(number=st.integers(0, 2))
    def restart(self, number: int) -> None:
        """One process begins anew."""
        self.vaults[number] = process(self.file)

    @invariant()
    def digests_stay(self) -> None:
        """Rows are found by them."""
        for vault in (*self.vaults, process(self.file)):
            assert vault.digest(purposes.PHONE, b"+33692000000") == self.digest

    @invariant()
    def the_file_is_for_this_account(self) -> None:
        """And is alone in its folder."""
        assert self.file.stat().st_mode & 0o777 == 0o600
        assert list(self.file.parent.iterdir()) == [self.file]

    def teardown(self) -> None:
        """Done."""
        self.folder.cleanup()


@pytest.fixture(autouse=True, scope="module")
def _nobody_looks_by_itself() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(key_watch, "LOOK_SECONDS", 3600.0)
        yield


TestProcesses = Processes.TestCase
TestProcesses.settings = settings(max_examples=60, stateful_step_count=25)


def test_what_is_sealed_while_keys_come_opens_everywhere(file: Path) -> None:
    """Six processes seal and open each other's while two operators rotate: nothing is unreadable, no key is lost."""
    vaults = [process(file) for _ in range(6)]
    done, torn = Signal(), list[str]()

    def watch_the_file() -> None:
        while not done.is_set():
            try:
                read(file)
            except keys.KeysRefused as refused:
                torn.append(str(refused))

    def act(number: int) -> list[bytes | None]:
        if number >= len(vaults):
            return [bytes([rotate(file, entropy=ENTROPY, now=NOW).id]) for _ in range(20)]
        vault, found = vaults[number], list[bytes | None]()
        for _ in range(100):
            look_again(vault)
            body = sealed_by(vault)
            found.extend(opened_by(other, body) for other in vaults)
        return found

    watcher = Thread(target=watch_the_file)
    watcher.start()
    try:
        results = together(act, len(vaults) + 2)
    finally:
        done.set()
        watcher.join()

    assert torn == []
    assert {opened for found in results[: len(vaults)] for opened in found} == {b"clear"}
    assert [key.id for key in read(file)] == list(range(1, 42))


# ── Following the file ───────────────────────────────────────────────────────────────────────────────────


def test_a_running_process_seals_with_the_new_key_after_a_few_seconds(file: Path) -> None:
    """It looks at the file now and then; no restart."""
    vault = process(file)
    assert key_of(sealed_by(vault)) == 1
    rotate(file, entropy=ENTROPY, now=NOW)
    assert key_of(sealed_by(vault)) == 1

    look_again(vault)

    assert key_of(sealed_by(vault)) == 2


def test_a_new_key_waits_for_its_moment(file: Path) -> None:
    """Time to copy the file to other hosts; the one that seals until then is the former."""
    added = rotate(file, entropy=ENTROPY, now=datetime.now(UTC), after=timedelta(hours=1))

    assert key_of(sealed_by(process(file))) == 1
    assert added.seals_from is not None
    assert keys.sealing(read(file), added.seals_from) == added


def test_a_retired_key_is_forgotten_by_running_processes(file: Path) -> None:
    """Within the same few seconds."""
    vault = process(file)
    body = sealed_by(vault)
    rotate(file, entropy=ENTROPY, now=NOW)
    retire(file, now=LATER, check=fine)

    look_again(vault)
    sealed_by(vault)

    assert opened_by(vault, body) is None


@pytest.mark.parametrize("trouble", ["damaged", "missing", "open to others", "another election's", "older"])
def test_a_file_that_cannot_follow_is_ignored(file: Path, trouble: str) -> None:
    """The process goes on with the keys it has, and takes the right file when it comes back."""
    before = file.read_bytes()
    rotate(file, entropy=ENTROPY, now=NOW)
    vault, other, right = process(file), process(file), file.read_bytes()
    body = sealed_by(other)
    match trouble:
        case "damaged":
            file.write_bytes(right[:40])
        case "missing":
            file.unlink()
        case "open to others":
            file.chmod(0o644)
        case "another election's":
            file.unlink()
            create(file, entropy=ENTROPY, now=NOW)
        case "older":
            file.write_bytes(before)
    look_again(vault)
    assert opened_by(other, sealed_by(vault)) == b"clear"
    assert opened_by(vault, b"\x01\x07" + b"junk" * 20) is None
    assert opened_by(vault, body) == b"clear"

    file.write_bytes(right)
    file.chmod(0o600)
    third = rotate(file, entropy=ENTROPY, now=NOW)

    assert third.id == 3
    assert opened_by(vault, sealed_by(process(file))) == b"clear"
    assert opened_by(vault, body) == b"clear"


def test_two_files_rotated_apart_do_not_follow_each_other() -> None:
    """The same id with another secret: what one host seals the other would never open."""
    first, ours, theirs = (Key(id=number, secret=bytes([n]) * 32, created=NOW) for n, number in enumerate((1, 2, 2)))

    assert succeeds([first, ours], [first])
    assert succeeds([first, ours], [first, ours])
    assert not succeeds([first, theirs], [first, ours])
    assert not succeeds([ours], [first])


def test_junk_costs_no_reading_of_the_file(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A cookie may name any key: that is one look, not one reading."""
    vault = process(file)
    sealed_by(vault)
    monkeypatch.setattr(key_watch, "read", lambda _path: pytest.fail("read again"))

    for number in range(2, 256):
        assert opened_by(vault, bytes([1, number]) + b"x" * 40) is None


def test_a_key_is_everybodys_long_before_it_may_stand_alone() -> None:
    """Retiring relies on it."""
    assert SETTLED.total_seconds() >= 10 * 2.0
    assert LOOK_SECONDS <= 2.0


# ── Changing the file ────────────────────────────────────────────────────────────────────────────────────


def test_retiring_keeps_the_anchor_for_digests_only(file: Path) -> None:
    """Marked in the file; the keys between it and the newest are gone."""
    for _ in range(2):
        rotate(file, entropy=ENTROPY, now=NOW)

    ended = retire(file, now=LATER, check=fine)

    assert [key.id for key in ended] == [1, 2]
    assert [(key.id, key.retired) for key in read(file)] == [(1, LATER), (3, None)]


def test_retiring_again_asks_about_the_keys_between_only(file: Path) -> None:
    """The anchor was retired before, and keeps that date."""
    asked = list[frozenset[int]]()
    rotate(file, entropy=ENTROPY, now=NOW)
    retire(file, now=LATER, check=asked.append)
    rotate(file, entropy=ENTROPY, now=NOW)
    retire(file, now=LATER + timedelta(days=1), check=asked.append)

    assert asked == [{1}, {2}]
    assert [(key.id, key.retired) for key in read(file)] == [(1, LATER), (3, None)]


@pytest.mark.parametrize("after", [timedelta(0), timedelta(hours=1)])
def test_a_key_that_is_not_yet_everybodys_cannot_stand_alone(file: Path, after: timedelta) -> None:
    """Some process may still seal with the former one."""
    rotate(file, entropy=ENTROPY, now=NOW, after=after)
    before = file.read_bytes()

    with pytest.raises(ChangeRefused):
        retire(file, now=NOW + after + SETTLED - timedelta(seconds=1), check=fine)

    assert file.read_bytes() == before
    assert retire(file, now=NOW + after + SETTLED, check=fine)


def test_what_is_still_needed_is_not_retired(file: Path) -> None:
    """The check refuses, and the file stays."""
    rotate(file, entropy=ENTROPY, now=NOW)
    before = file.read_bytes()

    def needed(_ids: frozenset[int]) -> None:
        raise ChangeRefused

    with pytest.raises(ChangeRefused):
        retire(file, now=LATER, check=needed)

    assert file.read_bytes() == before


def test_one_key_alone_cannot_be_retired(file: Path) -> None:
    """Nothing would seal."""
    with pytest.raises(ChangeRefused):
        retire(file, now=LATER, check=fine)


def test_ids_end(file: Path) -> None:
    """An id is one byte, and is never used twice."""
    file.unlink()
    keys.write(file, [Key(id=255, secret=b"k" * 32, created=NOW)])

    with pytest.raises(ChangeRefused):
        rotate(file, entropy=ENTROPY, now=NOW)


def test_a_full_disk_leaves_the_file_as_it_was(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """And nothing beside it."""
    before = file.read_bytes()

    def full(path: Path, _keys: object) -> None:
        path.write_bytes(b"half")
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(key_changes, "write", full)
    with pytest.raises(ChangeRefused):
        rotate(file, entropy=ENTROPY, now=NOW)

    assert file.read_bytes() == before
    assert list(file.parent.iterdir()) == [file]


def test_what_a_killed_rotation_left_is_in_nobodys_way(file: Path) -> None:
    """Killed before the new file took its name."""
    file.with_name("master.key.new").write_bytes(b"half")

    rotate(file, entropy=ENTROPY, now=NOW)

    assert list(file.parent.iterdir()) == [file]


def test_a_link_to_the_file_stays_one(file: Path, tmp_path: Path) -> None:
    """The file it leads to is the one that changes."""
    link = tmp_path / "elsewhere.key"
    link.symlink_to(file)

    rotate(link, entropy=ENTROPY, now=NOW)

    assert link.is_symlink()
    assert len(read(file)) == 2


@pytest.mark.skipif(os.geteuid() != 0, reason="only root may give a file away")
def test_the_file_stays_its_owners(file: Path) -> None:
    """Root rotates for the account of the service."""
    os.chown(file, 1234, 2345)

    rotate(file, entropy=ENTROPY, now=NOW)

    assert (file.stat().st_uid, file.stat().st_gid, file.stat().st_mode & 0o777) == (1234, 2345, 0o600)


def test_the_bytes_kept_are_digests_signatures_and_two_sealed_columns() -> None:
    """A new sealed column must be looked at by `core.adapters.sql.sealed` before a key is retired; signatures open nothing."""
    kept = {
        f"{table.name}.{column.name}"
        for table in metadata.sorted_tables
        for column in table.columns
        if isinstance(column.type, LargeBinary)
    }
    digests = {name for name in kept if name.endswith("digest")} | {"recoveries.handle", "counters.bucket"}
    digests |= {"phone_claims.phone", "awaited_codes.phone", "registry.salt", "registry.verifier", "voters.pseudonym"}

    # The secrets of agents are sealed anew instead (core.service.desk.roster).
    assert kept - digests - {"checkpoints.signature"} == {"outbox.sealed", "agents.secret"}
