"""The master key file, and the vault over it."""

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core import purposes
from core.adapters.entropy import SystemEntropy
from core.adapters.keys import Key, KeysRefused, KeyVault, create, read

NOW = datetime(2018, 11, 5, 9, 0, tzinfo=UTC)
OLD = Key(id=1, secret=bytes(range(32)), created=NOW)
NEW = Key(id=2, secret=bytes(range(32, 64)), created=NOW)
VAULT = KeyVault([OLD], SystemEntropy())
ROTATED = KeyVault([OLD, NEW], SystemEntropy())
PURPOSES = [value for name, value in vars(purposes).items() if name.isupper()]
names = st.sampled_from(PURPOSES)


def written(path: Path, text: str, mode: int = 0o600) -> Path:
    """A key file somebody edited."""
    path.write_text(text, "utf-8")
    path.chmod(mode)
    return path


def test_a_new_file_is_for_this_account_only(tmp_path: Path) -> None:
    """Created with mode 0600, holding one key of 32 bytes."""
    create(tmp_path / "master.key", entropy=SystemEntropy(), now=NOW)

    keys = read(tmp_path / "master.key")

    assert (tmp_path / "master.key").stat().st_mode & 0o777 == 0o600
    assert [(key.id, len(key.secret), key.created) for key in keys] == [(1, 32, NOW)]


def test_a_key_file_is_never_replaced(tmp_path: Path) -> None:
    """Creating twice refuses and leaves the first."""
    create(tmp_path / "master.key", entropy=SystemEntropy(), now=NOW)
    before = read(tmp_path / "master.key")

    with pytest.raises(FileExistsError):
        create(tmp_path / "master.key", entropy=SystemEntropy(), now=NOW)

    assert read(tmp_path / "master.key") == before


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o620, 0o610])
def test_a_file_open_to_others_is_refused_with_what_to_do(tmp_path: Path, mode: int) -> None:
    """Any right of the group or of others is too much."""
    create(tmp_path / "master.key", entropy=SystemEntropy(), now=NOW)
    (tmp_path / "master.key").chmod(mode)

    with pytest.raises(KeysRefused) as refused:
        read(tmp_path / "master.key")

    assert "chmod 600" in refused.value.reason.msgid


def test_a_missing_file_is_refused(tmp_path: Path) -> None:
    """Nothing is made in its place."""
    with pytest.raises(KeysRefused):
        read(tmp_path / "master.key")

    assert list(tmp_path.iterdir()) == []


ENTRY = {"id": 1, "secret": "A" * 43 + "=", "created": "2018-11-05T09:00:00Z"}


@pytest.mark.parametrize(
    "damaged",
    [
        "",
        "{}",
        "null",
        '{"keys": []}',
        json.dumps({"keys": [ENTRY]})[:-3],
        json.dumps({"keys": [{**ENTRY, "secret": "AAAA"}]}),
        json.dumps({"keys": [{**ENTRY, "secret": "not base64!"}]}),
        json.dumps({"keys": [{**ENTRY, "id": 0}]}),
        json.dumps({"keys": [{**ENTRY, "id": 256}]}),
        json.dumps({"keys": [ENTRY, ENTRY]}),
        json.dumps({"keys": [{**ENTRY, "id": 2}, ENTRY]}),
        json.dumps({"keys": [{**ENTRY, "purpose": "?"}]}),
    ],
)
def test_a_damaged_file_is_refused(tmp_path: Path, damaged: str) -> None:
    """Whatever is wrong in it, it is told as a damaged file."""
    with pytest.raises(KeysRefused) as refused:
        read(written(tmp_path / "master.key", damaged))

    assert "entière" in refused.value.reason.msgid


def test_a_key_is_never_printed() -> None:
    """The text of a key holds its id and nothing of its secret."""
    assert repr(NEW) == "Key(id=2)"


@given(purpose=names, clear=st.binary(), context=st.binary())
def test_what_is_sealed_opens(purpose: str, clear: bytes, context: bytes) -> None:
    """For every purpose, whatever the bytes."""
    assert VAULT.open(purpose, VAULT.seal(purpose, clear, context=context), context=context) == clear


@given(data=st.data(), clear=st.binary(max_size=40), context=st.binary(max_size=20))
def test_an_altered_byte_opens_nothing(data: st.DataObject, clear: bytes, context: bytes) -> None:
    """Format, key id, nonce, body and tag are all authenticated."""
    sealed = bytearray(ROTATED.seal(purposes.OUTBOX, clear, context=context))
    position = data.draw(st.integers(0, len(sealed) - 1))
    sealed[position] ^= data.draw(st.integers(1, 255))

    assert ROTATED.open(purposes.OUTBOX, bytes(sealed), context=context) is None


@given(size=st.integers(0, 45))
def test_a_shortened_body_opens_nothing(size: int) -> None:
    """Cut anywhere, down to nothing."""
    sealed = VAULT.seal(purposes.OUTBOX, b"sixteen bytes...", context=b"")

    assert VAULT.open(purposes.OUTBOX, sealed[:size], context=b"") is None


@given(junk=st.binary(max_size=100))
def test_junk_opens_nothing(junk: bytes) -> None:
    """Junk is not an error; a cookie may hold anything."""
    assert VAULT.open(purposes.LINK_COOKIE, junk, context=b"") is None
    assert VAULT.open(purposes.LINK_COOKIE, b"\x01\x01" + junk, context=b"") is None


@given(purpose=names, other=names, context=st.binary(), elsewhere=st.binary())
def test_another_purpose_or_context_opens_nothing(purpose: str, other: str, context: bytes, elsewhere: bytes) -> None:
    """What was sealed for one use serves no other."""
    sealed = VAULT.seal(purpose, b"clear", context=context)

    opened = VAULT.open(other, sealed, context=elsewhere)

    assert opened == (b"clear" if (purpose, context) == (other, elsewhere) else None)


def test_sealing_twice_shows_nothing_in_common() -> None:
    """Each sealing has its own nonce."""
    assert VAULT.seal(purposes.OUTBOX, b"same", context=b"") != VAULT.seal(purposes.OUTBOX, b"same", context=b"")


def test_after_a_rotation_the_old_still_opens_and_the_new_seals() -> None:
    """The new key opens what the old sealed; the old vault cannot open what the new sealed."""
    before = VAULT.seal(purposes.OUTBOX, b"clear", context=b"")
    after = ROTATED.seal(purposes.OUTBOX, b"clear", context=b"")

    assert ROTATED.open(purposes.OUTBOX, before, context=b"") == b"clear"
    assert VAULT.open(purposes.OUTBOX, after, context=b"") is None


@given(purpose=names, clear=st.binary())
def test_a_digest_is_the_same_for_ever(purpose: str, clear: bytes) -> None:
    """A rotation does not change it, nor does a restart."""
    assert ROTATED.digest(purpose, clear) == VAULT.digest(purpose, clear)
    assert len(VAULT.digest(purpose, clear)) == 32


def test_a_digest_of_this_version_is_that_of_the_next() -> None:
    """Rows are found by it: this value may never change."""
    assert VAULT.digest(purposes.NUMEN, b"05G1234567ABC").hex() == (
        "647fb534c874787cd2d46db54c3c0cdfefa77ee4bf1acac91c572e0fecef5398"
    )


def test_a_digest_is_of_its_purpose() -> None:
    """Equal values under two purposes cannot be told equal."""
    assert len({VAULT.digest(purpose, b"1970-01-01") for purpose in PURPOSES}) == len(PURPOSES)


def test_no_two_purposes_share_a_name() -> None:
    """They would share a key."""
    assert len(set(PURPOSES)) == len(PURPOSES)
