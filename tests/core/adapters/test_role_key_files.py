"""Each program's key file contains the subkeys of its role, and no others."""

import json
import os
from base64 import b64encode
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from core.adapters import key_vault
from core.adapters.age_sealing import age_identity, open_with
from core.adapters.key_vault import KeyFileRefused, KeyFileWatch, KeyVault, create_key_file, key_id_of, read_key_file
from core.adapters.master_key_rotation import retire_keys, rotate_keys, write_role_files
from core.adapters.master_keys import MasterKey, SubkeyNotHeldByRole
from core.adapters.random_source import SystemRandomSource
from core.adapters.role_key_files import open_vault, read_role_file, role_file_path, role_keys
from core.security import key_purposes
from core.security.key_roles import HOLDERS, KeyOperation, ProgramKeyRole, event_signing_purpose

NOW = datetime(2018, 11, 5, 9, 0, tzinfo=UTC)
ENTROPY = SystemRandomSource()
PURPOSES = [value for name, value in vars(key_purposes).items() if name.isupper() and name != "EVENTS"]
PURPOSES += map(event_signing_purpose, ProgramKeyRole)
CONTEXT = b"context"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The folder of an election with the key files of all roles."""
    create_key_file(tmp_path / "master.key", entropy=ENTROPY, now=NOW)
    write_role_files(tmp_path)
    return tmp_path


def may(act: Callable[[], object]) -> bool:
    """Return whether a vault has the subkey that a function needs."""
    try:
        act()
    except SubkeyNotHeldByRole:
        return False
    return True


# ── Roles and purposes ───────────────────────────────────────────────────────────────────────────────────


def test_each_purpose_has_a_row_and_a_role() -> None:
    """Each key purpose is in the table, and at least one role holds it."""
    assert sorted(HOLDERS) == sorted(PURPOSES)
    assert all(held.roles and not held.roles & held.public for held in HOLDERS.values())


@pytest.mark.parametrize("apart", [True, False], ids=["own file", "master key"])
@pytest.mark.parametrize("role", ProgramKeyRole)
def test_a_role_does_what_the_table_says_and_nothing_else(folder: Path, role: ProgramKeyRole, *, apart: bool) -> None:
    """Each role can do what the table says and nothing else, also if its keys come from the master key."""
    if not apart:
        role_file_path(folder, role).unlink()
    vault, whole = open_vault(folder, role), open_vault(folder, None)

    for purpose, held in HOLDERS.items():
        sealed = whole.seal(purpose, b"clear", context=CONTEXT)
        holds, public = role in held.roles, role in held.roles | held.public
        seals, signs = held.use in {KeyOperation.SEAL, KeyOperation.SEND}, held.use is KeyOperation.SIGN
        assert may(lambda: vault.seal(purpose, b"clear", context=CONTEXT)) is (seals and public)  # noqa: B023  # called at once
        assert may(lambda: vault.open(purpose, sealed, context=CONTEXT)) is (seals and holds)  # noqa: B023
        assert may(lambda: vault.digest(purpose, b"clear")) is (held.use is KeyOperation.DIGEST and holds)  # noqa: B023
        assert may(lambda: vault.sign(purpose, b"clear")) is (signs and holds)  # noqa: B023
        assert may(lambda: vault.public_key(purpose)) is (signs and public)  # noqa: B023


# ── Keys from outside the folder ─────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("name", ["serve.key", "master.key"])
def test_keys_come_from_a_credential_of_systemd(
    folder: Path, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    """A program can read its keys from $CREDENTIALS_DIRECTORY of systemd instead of the folder."""
    phone = open_vault(folder, ProgramKeyRole.SERVE).digest(key_purposes.PHONE, b"+33692000000")
    credentials = tmp_path_factory.mktemp("credentials")
    (folder / ("keys/serve.key" if name == "serve.key" else name)).rename(credentials / name)
    (credentials / name).chmod(0o440)
    for role in ProgramKeyRole:
        role_file_path(folder, role).unlink(missing_ok=True)
    (folder / "master.key").unlink(missing_ok=True)
    with pytest.raises(KeyFileRefused):
        open_vault(folder, ProgramKeyRole.SERVE)
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", f"{credentials}/.")
    monkeypatch.setattr(key_vault, "GROUP_OF_CREDENTIALS", -1)
    with pytest.raises(KeyFileRefused):  # its group is not the one of systemd
        open_vault(folder, ProgramKeyRole.SERVE)
    monkeypatch.setattr(key_vault, "GROUP_OF_CREDENTIALS", (credentials / name).stat().st_gid)

    vault = open_vault(folder, ProgramKeyRole.SERVE)

    assert vault.digest(key_purposes.PHONE, b"+33692000000") == phone
    assert not may(lambda: vault.sign(key_purposes.JOURNAL, b""))


def test_keys_come_from_a_command(folder: Path) -> None:
    """A program can read its keys from a command, which gets the name of the role."""
    phone = open_vault(folder, ProgramKeyRole.SERVE).digest(key_purposes.PHONE, b"+33692000000")
    command = ("cat", f"{folder}/keys/{{role}}.key")

    vault = open_vault(folder / "elsewhere", ProgramKeyRole.SERVE, command=command)
    whole = open_vault(folder / "elsewhere", None, command=("cat", f"{folder}/{{role}}.key"))

    assert vault.digest(key_purposes.PHONE, b"+33692000000") == phone
    assert not may(lambda: vault.sign(key_purposes.JOURNAL, b""))
    assert may(lambda: whole.sign(key_purposes.JOURNAL, b""))


def test_a_command_that_gives_no_keys_is_refused(folder: Path) -> None:
    """If the key command fails, a program does not start, and does not use the keys in the folder."""
    for command in (("false",), ("/nowhere",), ("echo", "no key"), ("cat", "/dev/null")):
        with pytest.raises(KeyFileRefused):
            open_vault(folder, ProgramKeyRole.SERVE, command=command)
        with pytest.raises(KeyFileRefused) as refused:
            open_vault(folder, None, command=command)
        assert "{role}" not in refused.value.reason.msgid


def test_roles_agree_on_what_they_share(folder: Path) -> None:
    """Roles that share a purpose compute the same digests, signatures and encrypted values."""
    whole = open_vault(folder, None)
    for purpose, held in HOLDERS.items():
        for role in held.roles:
            vault = open_vault(folder, role)
            match held.use:
                case KeyOperation.DIGEST:
                    assert vault.digest(purpose, b"clear") == whole.digest(purpose, b"clear")
                case KeyOperation.SIGN:
                    assert vault.sign(purpose, b"clear") == whole.sign(purpose, b"clear")
                case _:
                    assert vault.open(purpose, whole.seal(purpose, b"clear", context=b""), context=b"") == b"clear"
    operator = open_vault(folder, ProgramKeyRole.OPERATOR)
    assert operator.public_key(key_purposes.JOURNAL) == whole.public_key(key_purposes.JOURNAL)


def test_the_site_seals_to_the_courier_and_opens_nothing(folder: Path) -> None:
    """Only the courier can decrypt what the site encrypts for it, and only in the same context."""
    for purpose in (key_purposes.OUTBOX, key_purposes.PHONE_NUMBER):
        site, courier = open_vault(folder, ProgramKeyRole.SERVE), open_vault(folder, ProgramKeyRole.COURIER)

        sealed = site.seal(purpose, b"clear", context=CONTEXT)

        assert courier.open(purpose, sealed, context=CONTEXT) == b"clear"
        assert courier.open(purpose, sealed, context=b"elsewhere") is None
        with pytest.raises(SubkeyNotHeldByRole, match=purpose):
            site.open(purpose, sealed, context=CONTEXT)
        with pytest.raises(SubkeyNotHeldByRole, match=purpose):
            site.open(purpose, former_seal(folder, purpose, b"clear"), context=CONTEXT)
        assert courier.open(purpose, former_seal(folder, purpose, b"clear"), context=CONTEXT) == b"clear"


def test_every_key_of_the_site_together_opens_no_message(folder: Path) -> None:
    """No key in the site's file can decrypt a message in the outbox."""
    vaults = [open_vault(folder, role) for role in (ProgramKeyRole.SERVE, ProgramKeyRole.COURIER)]
    sealed, courier_sealed = (each.seal(key_purposes.OUTBOX, b"clear", context=CONTEXT) for each in vaults)
    (held,) = read_role_file(role_file_path(folder, ProgramKeyRole.SERVE), ProgramKeyRole.SERVE)
    bound = sealed[:2] + key_purposes.OUTBOX.encode() + b"\0" + CONTEXT
    inner = AESGCM(held.subkey("bind", key_purposes.OUTBOX)).decrypt(sealed[2:14], sealed[14:], bound)

    assert all(open_with(age_identity(secret), inner) is None for secret in held.subkeys.values())
    assert len(courier_sealed) == len(former_seal(folder, key_purposes.OUTBOX, b"clear"))  # age adds 200 bytes
    bound = courier_sealed[:2] + bound[2:]
    for secret in held.subkeys.values():
        with pytest.raises(InvalidTag):
            AESGCM(secret).decrypt(courier_sealed[2:14], courier_sealed[14:], bound)


def former_seal(folder: Path, purpose: str, clear: bytes) -> bytes:
    """Encrypt a value in the format that was used before there were roles."""
    (master,) = read_key_file(folder / "master.key")
    header, nonce = b"\x01\x01", b"n" * 12
    bound = header + purpose.encode() + b"\0" + CONTEXT
    return header + nonce + AESGCM(master.subkey("seal", purpose)).encrypt(nonce, clear, bound)


def test_a_forged_format_opens_nothing(folder: Path) -> None:
    """A cookie that claims to be encrypted for the courier is refused without an error."""
    assert (
        open_vault(folder, ProgramKeyRole.SERVE).open(key_purposes.DEVICE, b"\x02\x01" + b"x" * 60, context=b"") is None
    )


# ── The files ────────────────────────────────────────────────────────────────────────────────────────────


def test_a_file_has_its_roles_subkeys_and_no_master_secret(folder: Path) -> None:
    """Each role key file has mode 0600 and does not contain the master key."""
    (master,) = json.loads((folder / "master.key").read_bytes())["keys"]

    assert (folder / "keys").stat().st_mode & 0o777 == 0o711
    for role in ProgramKeyRole:
        file = role_file_path(folder, role)
        assert file.stat().st_mode & 0o777 == 0o600
        assert master["secret"] not in file.read_text("utf-8")


def test_a_program_reads_its_own_file_only(folder: Path) -> None:
    """A program starts with its own key file and without the master key, but not with another role's file."""
    site = role_file_path(folder, ProgramKeyRole.SERVE)
    own = site.read_bytes()
    site.write_bytes(role_file_path(folder, ProgramKeyRole.COURIER).read_bytes())
    with pytest.raises(KeyFileRefused):
        open_vault(folder, ProgramKeyRole.SERVE)

    site.write_bytes(own)
    (folder / "master.key").unlink()
    for role in ProgramKeyRole:
        open_vault(folder, role)
    with pytest.raises(KeyFileRefused):
        open_vault(folder, None)


@pytest.mark.parametrize("damage", ["cut", "without a purpose", "missing", "open to others"])
def test_a_file_that_cannot_be_used_is_refused_with_what_to_do(folder: Path, damage: str) -> None:
    """A role key file that is damaged, missing or open to others is refused with advice."""
    file = role_file_path(folder, ProgramKeyRole.DESK)
    content = json.loads(file.read_bytes())
    match damage:
        case "cut":
            file.write_bytes(file.read_bytes()[:-10])
        case "without a purpose":
            del content["keys"][0]["subkeys"]["digest throttle"]
            file.write_text(json.dumps(content), "utf-8")
        case "missing":
            file.unlink()
            (folder / "master.key").unlink()
        case "open to others":
            file.chmod(0o640)

    with pytest.raises(KeyFileRefused) as refused:
        open_vault(folder, ProgramKeyRole.DESK)

    told = refused.value.reason.msgid
    assert "retrouve init --upgrade" in told or "chmod 600" in told


# ── Rotation ─────────────────────────────────────────────────────────────────────────────────────────────


def reload(vault: KeyVault) -> None:
    """Make a process read its key file again at the next use."""
    assert isinstance(vault.watch, KeyFileWatch)
    vault.watch.next_check = 0.0


def test_running_programs_follow_a_rotation_in_their_own_files(folder: Path) -> None:
    """Running programs use a new key and forget a retired one, by reading their own files."""
    site, courier = open_vault(folder, ProgramKeyRole.SERVE), open_vault(folder, ProgramKeyRole.COURIER)
    phone = site.digest(key_purposes.PHONE, b"+33692000000")
    before = site.seal(key_purposes.OUTBOX, b"clear", context=CONTEXT)
    rotate_keys(folder / "master.key", entropy=ENTROPY, now=NOW)
    reload(site)

    after = site.seal(key_purposes.OUTBOX, b"clear", context=CONTEXT)
    assert (key_id_of(before), key_id_of(after)) == (1, 2)
    assert [courier.open(key_purposes.OUTBOX, each, context=CONTEXT) for each in (before, after)] == [b"clear"] * 2

    retire_keys(folder / "master.key", now=NOW + timedelta(days=1), check=lambda _ids: None)
    reload(courier)
    courier.seal(key_purposes.OUTBOX, b"clear", context=CONTEXT)
    assert courier.open(key_purposes.OUTBOX, before, context=CONTEXT) is None
    assert courier.open(key_purposes.OUTBOX, after, context=CONTEXT) == b"clear"
    assert open_vault(folder, ProgramKeyRole.SERVE).digest(key_purposes.PHONE, b"+33692000000") == phone


def test_a_retired_key_leaves_its_digests_only(folder: Path) -> None:
    """After a retirement, the first key is kept for digests and signatures only."""
    rotate_keys(folder / "master.key", entropy=ENTROPY, now=NOW)
    retire_keys(folder / "master.key", now=NOW + timedelta(days=1), check=lambda _ids: None)

    for role in ProgramKeyRole:
        anchor, newest = read_role_file(role_file_path(folder, role), role)
        assert {name.split()[0] for name in anchor.subkeys} <= {"digest", "sign", "verify"}
        assert {name.split()[0] for name in newest.subkeys} <= {"seal", "bind", "recipient", "identity"}


def test_a_program_without_its_own_file_follows_the_master_key(folder: Path) -> None:
    """A program without its own key file also uses a new master key."""
    role_file_path(folder, ProgramKeyRole.SERVE).unlink()
    site = open_vault(folder, ProgramKeyRole.SERVE)
    rotate_keys(folder / "master.key", entropy=ENTROPY, now=NOW)
    reload(site)

    assert key_id_of(site.seal(key_purposes.DEVICE, b"clear", context=CONTEXT)) == 2


@pytest.mark.skipif(os.geteuid() != 0, reason="only root may give a file away")
def test_each_file_keeps_its_owner(folder: Path) -> None:
    """A rotation by root keeps the owner of each role key file. A new file belongs to the owner of the master key."""
    os.chown(role_file_path(folder, ProgramKeyRole.SERVE), 1234, 2345)
    os.chown(folder / "master.key", 3456, 3456)
    role_file_path(folder, ProgramKeyRole.COURIER).unlink()

    rotate_keys(folder / "master.key", entropy=ENTROPY, now=NOW)

    assert role_file_path(folder, ProgramKeyRole.SERVE).stat().st_uid == 1234
    assert role_file_path(folder, ProgramKeyRole.COURIER).stat().st_uid == 3456


def test_a_changed_purpose_is_no_successor(folder: Path) -> None:
    """A running program ignores a key file in which one subkey was replaced."""
    site = open_vault(folder, ProgramKeyRole.SERVE)
    sealed = site.seal(key_purposes.DEVICE, b"clear", context=CONTEXT)
    foreign = MasterKey(id=1, secret=b"f" * 32, created=NOW)
    content = json.loads(role_file_path(folder, ProgramKeyRole.SERVE).read_bytes())
    (held,) = role_keys([foreign], ProgramKeyRole.SERVE)
    content["keys"][0]["subkeys"]["seal device"] = b64encode(held.subkeys["seal device"]).decode()
    role_file_path(folder, ProgramKeyRole.SERVE).write_text(json.dumps(content), "utf-8")
    reload(site)

    assert site.open(key_purposes.DEVICE, site.seal(key_purposes.DEVICE, b"x", context=b""), context=b"") == b"x"
    assert site.open(key_purposes.DEVICE, sealed, context=CONTEXT) == b"clear"
