"""The vault encrypts values and computes digests with the keys of the key file."""

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.adapters.key_vault import KeyFileRefused, KeyVault, MasterKey, create_key_file, read_key_file
from core.adapters.random_source import SystemRandomSource
from core.security import key_purposes

NOW = datetime(2018, 11, 5, 9, 0, tzinfo=UTC)
OLD = MasterKey(id=1, secret=bytes(range(32)), created=NOW)
NEW = MasterKey(id=2, secret=bytes(range(32, 64)), created=NOW)
VAULT = KeyVault([OLD], SystemRandomSource())
ROTATED = KeyVault([OLD, NEW], SystemRandomSource())
PURPOSES = [value for name, value in vars(key_purposes).items() if name.isupper()]
names = st.sampled_from(PURPOSES)


def written(path: Path, text: str, mode: int = 0o600) -> Path:
    """Write a key file with the given text."""
    path.write_text(text, "utf-8")
    path.chmod(mode)
    return path


def test_a_file_is_made_once_for_this_account_only(tmp_path: Path) -> None:
    """A new key file has mode 0600 and one key of 32 bytes, and is not replaced by a second creation."""
    with pytest.raises(KeyFileRefused):
        read_key_file(tmp_path / "master.key")
    assert list(tmp_path.iterdir()) == []

    create_key_file(tmp_path / "master.key", entropy=SystemRandomSource(), now=NOW)
    keys = read_key_file(tmp_path / "master.key")
    assert (tmp_path / "master.key").stat().st_mode & 0o777 == 0o600
    assert [(key.id, len(key.secret), key.created) for key in keys] == [(1, 32, NOW)]

    with pytest.raises(FileExistsError):
        create_key_file(tmp_path / "master.key", entropy=SystemRandomSource(), now=NOW)
    assert read_key_file(tmp_path / "master.key") == keys


def test_a_file_open_to_others_is_refused_with_what_to_do(tmp_path: Path) -> None:
    """A key file that the group or others can access is refused with advice."""
    create_key_file(tmp_path / "master.key", entropy=SystemRandomSource(), now=NOW)
    for mode in (0o640, 0o604, 0o620, 0o610):
        (tmp_path / "master.key").chmod(mode)

        with pytest.raises(KeyFileRefused) as refused:
            read_key_file(tmp_path / "master.key")

        assert "chmod 600" in refused.value.reason.msgid


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
    """Any damage of a key file is recognised."""
    with pytest.raises(KeyFileRefused) as refused:
        read_key_file(written(tmp_path / "master.key", damaged))

    assert "entière" in refused.value.reason.msgid


def test_a_key_is_never_printed() -> None:
    """The text form of a key contains its id and not its secret."""
    assert repr(NEW) == "MasterKey(id=2)"


@given(data=st.data(), clear=st.binary(max_size=40), context=st.binary(max_size=20))
def test_an_altered_byte_opens_nothing(data: st.DataObject, clear: bytes, context: bytes) -> None:
    """An encrypted value cannot be decrypted if any of its bytes was changed."""
    sealed = bytearray(ROTATED.seal(key_purposes.OUTBOX, clear, context=context))
    position = data.draw(st.integers(0, 9999)) % len(sealed)  # the length of an age header varies
    sealed[position] ^= data.draw(st.integers(1, 255))

    assert ROTATED.open(key_purposes.OUTBOX, bytes(sealed), context=context) is None


@given(junk=st.binary(max_size=100))
def test_junk_opens_nothing(junk: bytes) -> None:
    """Decrypting arbitrary bytes gives None and raises no exception."""
    assert VAULT.open(key_purposes.LINK_COOKIE, junk, context=b"") is None
    assert VAULT.open(key_purposes.LINK_COOKIE, b"\x01\x01" + junk, context=b"") is None


@given(purpose=names, other=names, clear=st.binary(), context=st.binary(), elsewhere=st.binary())
def test_a_value_opens_for_its_purpose_and_context_alone(
    purpose: str, other: str, clear: bytes, context: bytes, elsewhere: bytes
) -> None:
    """A value can be decrypted only for the purpose and context for which it was encrypted."""
    sealed = VAULT.seal(purpose, clear, context=context)

    assert VAULT.open(purpose, sealed, context=context) == clear
    opened = VAULT.open(other, sealed, context=elsewhere)
    assert opened == (clear if (purpose, context) == (other, elsewhere) else None)


def test_each_seal_is_another_and_after_a_rotation_the_old_opens() -> None:
    """Encrypting a value twice gives different results. After a rotation, older values can still be decrypted."""
    assert VAULT.seal(key_purposes.OUTBOX, b"same", context=b"") != VAULT.seal(
        key_purposes.OUTBOX, b"same", context=b""
    )

    before = VAULT.seal(key_purposes.OUTBOX, b"clear", context=b"")
    after = ROTATED.seal(key_purposes.OUTBOX, b"clear", context=b"")
    assert ROTATED.open(key_purposes.OUTBOX, before, context=b"") == b"clear"
    assert VAULT.open(key_purposes.OUTBOX, after, context=b"") is None


@given(purpose=names, clear=st.binary())
def test_a_digest_is_the_same_for_ever(purpose: str, clear: bytes) -> None:
    """A key rotation does not change digests."""
    assert ROTATED.digest(purpose, clear) == VAULT.digest(purpose, clear)
    assert len(VAULT.digest(purpose, clear)) == 32


def test_a_digest_has_a_fixed_value_for_each_purpose() -> None:
    """A digest is the same in every version, because rows are found by it, and differs for each purpose."""
    assert VAULT.digest(key_purposes.NUMEN, b"05G1234567ABC").hex() == (
        "647fb534c874787cd2d46db54c3c0cdfefa77ee4bf1acac91c572e0fecef5398"
    )

    assert len({VAULT.digest(purpose, b"1970-01-01") for purpose in PURPOSES}) == len(PURPOSES)
