"""Master keys are rotated and retired while processes run."""

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

from core.adapters import atomic_file_replacement, key_vault
from core.adapters.atomic_file_replacement import write_private_file
from core.adapters.key_vault import (
    CHECK_SECONDS,
    KeyFileWatch,
    KeyVault,
    MasterKey,
    create_key_file,
    is_successor,
    key_id_of,
    read_key_file,
)
from core.adapters.master_key_rotation import SETTLED, KeyChangeRefused, retire_keys, rotate_keys
from core.adapters.random_source import SystemRandomSource
from core.adapters.sql.protected_tables import PROTECTED
from core.adapters.sql.tables import metadata
from core.security import key_purposes
from tests.support.product import in_parallel

NOW = datetime(2018, 11, 5, 9, 0, tzinfo=UTC)
LATER = NOW + timedelta(days=1)
ENTROPY = SystemRandomSource()


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """A new key file."""
    create_key_file(tmp_path / "master.key", entropy=ENTROPY, now=NOW)
    return tmp_path / "master.key"


def process(file: Path) -> KeyVault:
    """Return the vault of a process that starts now."""
    return KeyVault(read_key_file(file), ENTROPY, KeyFileWatch(file))


def wait_for_reload(vault: KeyVault) -> None:
    """Make the process read its key file again at the next use."""
    assert isinstance(vault.watch, KeyFileWatch)
    vault.watch.next_check = 0.0


def sealed_by(vault: KeyVault, clear: bytes = b"clear") -> bytes:
    """Encrypt a value."""
    return vault.seal(key_purposes.OUTBOX, clear, context=b"")


def opened_by(vault: KeyVault, sealed: bytes) -> bytes | None:
    """Decrypt a value."""
    return vault.open(key_purposes.OUTBOX, sealed, context=b"")


def allow_retiring(_ids: frozenset[int]) -> None:
    """Allow all keys to be retired."""


# ── Random sequences of operations ───────────────────────────────────────────────────────────────────────


class Processes(RuleBasedStateMachine):
    """Processes that encrypt and decrypt values while keys are added and retired."""

    sealed = Bundle("sealed")

    @initialize()
    def start(self) -> None:
        """Start three processes of one election."""
        self.folder = TemporaryDirectory()
        self.file = Path(self.folder.name) / "master.key"
        create_key_file(self.file, entropy=ENTROPY, now=NOW)
        self.vaults = [process(self.file) for _ in range(3)]
        self.digest = self.vaults[0].digest(key_purposes.PHONE, b"+33692000000")
        self.alive = {1}

    @rule(target=sealed, number=st.integers(0, 2), clear=st.binary(max_size=5))
    def seal(self, number: int, clear: bytes) -> tuple[bytes, bytes]:
        """Encrypt a value in one process, perhaps with an older key."""
        return sealed_by(self.vaults[number], clear), clear

    @rule(thing=sealed)
    def open(self, thing: tuple[bytes, bytes]) -> None:
        """Check that every process can decrypt the value, unless its key was retired."""
        body, clear = thing
        if key_id_of(body) in self.alive:
            assert [opened_by(vault, body) for vault in (*self.vaults, process(self.file))] == [clear] * 4
        else:
            assert opened_by(process(self.file), body) is None

    @rule()
    def rotate(self) -> None:
        self.alive.add(rotate_keys(self.file, entropy=ENTROPY, now=NOW).id)

    @rule()
    def retire(self) -> None:
        """Retire older keys once every process has the newest."""
        for vault in self.vaults:
            wait_for_reload(vault)
            sealed_by(vault)
        if len(self.alive) > 1:
            retire_keys(self.file, now=NOW + SETTLED, check=allow_retiring)
            self.alive = {max(self.alive)}

    @rule(thing=consumes(sealed))
    def forget(self, thing: tuple[bytes, bytes]) -> None:
        """Forget an encrypted value."""

    @rule(number=st.integers(0, 2))
    def restart(self, number: int) -> None:
        self.vaults[number] = process(self.file)

    @invariant()
    def digests_stay(self) -> None:
        """Check that digests never change, because rows are found by them."""
        for vault in (*self.vaults, process(self.file)):
            assert vault.digest(key_purposes.PHONE, b"+33692000000") == self.digest

    @invariant()
    def the_file_is_for_this_account(self) -> None:
        """Check that the key file has mode 0600, and that there are no temporary files beside it."""
        assert self.file.stat().st_mode & 0o777 == 0o600
        assert {path.name for path in self.file.parent.iterdir()} <= {"master.key", "keys"}

    def teardown(self) -> None:
        self.folder.cleanup()


@pytest.fixture(autouse=True, scope="module")
def _nobody_looks_by_itself() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(key_vault, "CHECK_SECONDS", 3600.0)
        yield


TestProcesses = Processes.TestCase
TestProcesses.settings = settings(max_examples=15, stateful_step_count=25)


def test_values_sealed_during_rotations_open_everywhere(file: Path) -> None:
    """While two operators rotate keys, every process can decrypt what another one encrypts, and no key is lost."""
    vaults = [process(file) for _ in range(6)]
    done, torn = Signal(), list[str]()

    def watch_the_file() -> None:
        while not done.is_set():
            try:
                read_key_file(file)
            except key_vault.KeyFileRefused as refused:
                torn.append(str(refused))

    def act(number: int) -> list[bytes | None]:
        if number >= len(vaults):
            return [bytes([rotate_keys(file, entropy=ENTROPY, now=NOW).id]) for _ in range(20)]
        vault, found = vaults[number], list[bytes | None]()
        for _ in range(100):
            wait_for_reload(vault)
            body = sealed_by(vault)
            found.extend(opened_by(other, body) for other in vaults)
        return found

    watcher = Thread(target=watch_the_file)
    watcher.start()
    try:
        results = in_parallel(act, len(vaults) + 2)
    finally:
        done.set()
        watcher.join()

    assert torn == []
    assert {opened for found in results[: len(vaults)] for opened in found} == {b"clear"}
    assert [key.id for key in read_key_file(file)] == list(range(1, 42))


# ── Reading a changed file ───────────────────────────────────────────────────────────────────────────────


def test_a_new_key_takes_effect_later(file: Path) -> None:
    """A new key can take effect later, so that the file can first be copied to other hosts."""
    added = rotate_keys(file, entropy=ENTROPY, now=datetime.now(UTC), after=timedelta(hours=1))

    assert key_id_of(sealed_by(process(file))) == 1
    assert added.seals_from is not None
    assert key_vault.current_encryption_key(read_key_file(file), added.seals_from) == added


@pytest.mark.parametrize("trouble", ["damaged", "missing", "open to others", "another election's", "older"])
def test_a_file_that_does_not_follow_is_ignored(file: Path, trouble: str) -> None:
    """A process ignores a key file that is damaged, older or another election's, and reads a valid one later."""
    before = file.read_bytes()
    rotate_keys(file, entropy=ENTROPY, now=NOW)
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
            create_key_file(file, entropy=ENTROPY, now=NOW)
        case "older":
            file.write_bytes(before)
    wait_for_reload(vault)
    assert opened_by(other, sealed_by(vault)) == b"clear"
    assert opened_by(vault, b"\x01\x07" + b"junk" * 20) is None
    assert opened_by(vault, body) == b"clear"

    file.write_bytes(right)
    file.chmod(0o600)
    third = rotate_keys(file, entropy=ENTROPY, now=NOW)

    assert third.id == 3
    assert opened_by(vault, sealed_by(process(file))) == b"clear"
    assert opened_by(vault, body) == b"clear"


def test_two_files_rotated_apart_do_not_follow_each_other() -> None:
    """Two key files that were rotated independently are not successors of each other."""
    first, ours, theirs = (
        MasterKey(id=number, secret=bytes([n]) * 32, created=NOW) for n, number in enumerate((1, 2, 2))
    )

    assert is_successor([first, ours], [first])
    assert is_successor([first, ours], [first, ours])
    assert not is_successor([first, theirs], [first, ours])
    assert not is_successor([ours], [first])


def test_an_unknown_key_id_does_not_read_the_file(file: Path) -> None:
    """A value with an unknown key id, such as a forged cookie, does not make the process read the key file again."""
    reads = list[Path]()

    def read(path: Path) -> tuple[MasterKey, ...]:
        reads.append(path)
        return read_key_file(path)

    vault = KeyVault(read_key_file(file), ENTROPY, KeyFileWatch(file, read))
    sealed_by(vault)

    for number in range(2, 256):
        assert opened_by(vault, bytes([1, number]) + b"x" * 40) is None

    assert reads == [file]


def test_every_process_has_a_key_before_others_are_retired() -> None:
    """Every process reads a new key long before older keys may be retired."""
    assert SETTLED.total_seconds() >= 10 * 2.0
    assert CHECK_SECONDS <= 2.0


# ── Changing the file ────────────────────────────────────────────────────────────────────────────────────


def test_retiring_keeps_the_anchor_for_digests_only(file: Path) -> None:
    """Retiring removes all keys but the newest and the first, which is kept for digests only."""
    asked = list[frozenset[int]]()
    for _ in range(2):
        rotate_keys(file, entropy=ENTROPY, now=NOW)
    assert [key.id for key in retire_keys(file, now=LATER, check=asked.append)] == [1, 2]
    assert [(key.id, key.retired) for key in read_key_file(file)] == [(1, LATER), (3, None)]

    rotate_keys(file, entropy=ENTROPY, now=NOW)
    retire_keys(file, now=LATER + timedelta(days=1), check=asked.append)

    assert asked == [{1, 2}, {3}]
    assert [(key.id, key.retired) for key in read_key_file(file)] == [(1, LATER), (4, None)]


@pytest.mark.parametrize("after", [timedelta(0), timedelta(hours=1)])
def test_keys_that_may_still_seal_are_not_retired(file: Path, after: timedelta) -> None:
    """Keys cannot be retired while a process may still encrypt with them."""
    rotate_keys(file, entropy=ENTROPY, now=NOW, after=after)
    before = file.read_bytes()

    with pytest.raises(KeyChangeRefused):
        retire_keys(file, now=NOW + after + SETTLED - timedelta(seconds=1), check=allow_retiring)

    assert file.read_bytes() == before
    assert retire_keys(file, now=NOW + after + SETTLED, check=allow_retiring)


def test_the_only_key_is_not_retired_and_ids_run_out(file: Path) -> None:
    """The only key cannot be retired. No key can be added after the id 255."""
    with pytest.raises(KeyChangeRefused):
        retire_keys(file, now=LATER, check=allow_retiring)
    file.unlink()
    last = MasterKey(id=255, secret=b"k" * 32, created=NOW)
    write_private_file(file, key_vault.encode_keys(key_vault.KeyFile(keys=[last])))

    with pytest.raises(KeyChangeRefused):
        rotate_keys(file, entropy=ENTROPY, now=NOW)


def test_a_full_disk_leaves_the_file_as_it_was(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """If the disk is full, a rotation changes nothing and leaves no other file."""
    before = file.read_bytes()

    def full(path: Path, content: bytes) -> None:
        if path.name == "serve.key.new":  # the last file that is written
            path.write_bytes(b"half")
            raise OSError(28, "No space left on device")
        write_private_file(path, content)

    monkeypatch.setattr(atomic_file_replacement, "write_private_file", full)
    with pytest.raises(KeyChangeRefused):
        rotate_keys(file, entropy=ENTROPY, now=NOW)

    assert file.read_bytes() == before
    assert [path for path in file.parent.rglob("*") if path.is_file()] == [file]


def test_a_killed_rotation_does_not_prevent_the_next(file: Path) -> None:
    """The temporary file of a killed rotation does not prevent the next one."""
    file.with_name("master.key.new").write_bytes(b"half")

    rotate_keys(file, entropy=ENTROPY, now=NOW)

    assert {path.name for path in file.parent.iterdir()} == {"master.key", "keys"}


def test_a_link_to_the_file_stays_one(file: Path, tmp_path: Path) -> None:
    """If the key file is a symbolic link, a rotation changes its target."""
    link = tmp_path / "elsewhere.key"
    link.symlink_to(file)

    rotate_keys(link, entropy=ENTROPY, now=NOW)

    assert link.is_symlink()
    assert len(read_key_file(file)) == 2


@pytest.mark.skipif(os.geteuid() != 0, reason="only root may give a file away")
def test_the_file_keeps_its_owner(file: Path) -> None:
    """A rotation by root does not change the owner of the key file."""
    os.chown(file, 1234, 2345)

    rotate_keys(file, entropy=ENTROPY, now=NOW)

    assert (file.stat().st_uid, file.stat().st_gid, file.stat().st_mode & 0o777) == (1234, 2345, 0o600)


def test_every_sealed_column_is_known() -> None:
    """The search for keys that are still needed covers every encrypted column of the database."""
    kept = {
        f"{table.name}.{column.name}"
        for table in metadata.sorted_tables
        for column in table.columns
        if isinstance(column.type, LargeBinary)
    }
    digests = {name for name in kept if name.endswith("digest")} | {"recoveries.handle", "counters.bucket"}
    digests |= {"phone_claims.phone", "awaited_codes.phone", "code_sendings.phone", "voters.pseudonym"}
    digests |= {"registry.salt", "registry.verifier"}

    tags = {f"{protected.name}.mac" for protected in PROTECTED}
    # A retirement encrypts agents' secrets again (core.desk.accounts), and makes tags and credentials again.
    assert kept - digests - tags - {"checkpoints.signature"} == {"outbox.sealed", "agents.secret"}
