"""Vérifie le journal exporté, sans le logiciel qui l'a écrit. Python 3.9 ou plus récent, et rien d'autre que sa bibliothèque.

    python3 verifier.py [FICHIER…]

Chaque FICHIER contient un ou plusieurs points de contrôle reçus par courriel, copiés ou enregistrés tels quels : ce sont
eux qui prouvent, car personne sur la machine du vote n'a pu les changer. Les signatures Ed25519 sont vérifiées par le
module « cryptography » s'il est installé, sinon par la commande openssl (version 3 ou plus récente).

L'empreinte d'une ligne est le SHA-256 de l'empreinte de la ligne d'avant (64 chiffres hexadécimaux ; 64 zéros pour la
première), d'un saut de ligne, et de la ligne de journal.jsonl telle qu'elle est écrite, sans son saut de ligne.

Code de sortie : 0 si tout concorde, 1 si quelque chose ne concorde pas, 2 si la vérification est impossible.
"""

from __future__ import annotations

import base64
import csv
import email
import hashlib
import json
import re
import subprocess
import sys
import tempfile
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path

# ── The chain, its checkpoints and declared losses; `retrouve journal verify` runs these too ─────────────

GENESIS = bytes(32)
"""The digest before the first line."""
HEX = r"(?:[0-9a-f]\s*)"
CHECKPOINT = re.compile(
    r"retrouve-checkpoint\s+1\s+election\s+(\S+)\s+number\s+(\d{1,9})\s+lines\s+(\d{1,18})\s+made\s+(\S+)"
    rf"\s+digest\s+({HEX}{{64}})\s*key\s+({HEX}{{64}})\s*signature\s+({HEX}{{128}})",
    re.ASCII,
)
ED25519_PREFIX = bytes.fromhex("302a300506032b6570032100")
"""The SubjectPublicKeyInfo prefix of RFC 8410. The 32 bytes of the key follow."""
DECLARATION = re.compile(r"([a-z]+) ([a-z-]+) (\S+) (\d{1,9})/(\d{1,18}) (\d{1,9})/(\d{1,18}) (\S+)", re.ASCII)
LOSS_KINDS = ("failover", "restore")
LOSS_CAUSES = ("host-lost", "network-cut", "disk-failed", "data-damaged", "mistake", "exercise")

DISAGREES, LINE_GONE, PLACES_GONE, DECLARED_WRONGLY = "disagrees", "line-gone", "places-gone", "declared-wrongly"
REWRITTEN, SHORTENED = "rewritten", "shortened"
CHECKPOINT_GONE, CHECKPOINT_ALTERED, OTHER_KEY = "checkpoint-gone", "checkpoint-altered", "other-key"


class Unverifiable(Exception):
    """The verification is impossible. The message gives the reason."""


@dataclass(frozen=True)
class CheckpointStatement:
    """A checkpoint's content: the number of lines in the chain, the digest of the last one, and the signing key."""

    election: str
    number: int
    lines: int
    made: str
    digest: bytes
    key: bytes

    def text(self) -> str:
        """Return the signed text."""
        return (
            f"retrouve-checkpoint 1\nelection {self.election}\nnumber {self.number}\nlines {self.lines}\n"
            f"made {self.made}\ndigest {self.digest.hex()}\nkey {self.key.hex()}\n"
        )

    def is_signed(self, signature: bytes, key: bytes) -> bool:
        """Return whether `key` is this statement's key and made the signature."""
        return self.key == key and is_genuine_signature(key, self.text().encode(), signature)


@dataclass(frozen=True)
class Finding:
    """A mismatch. `text` is the line, or the last line before the place if the line is missing."""

    kind: str
    place: int = 0
    last: int = 0
    line: int = 0
    text: bytes | None = None
    checkpoint: int = 0


def chained_line_digest(previous: bytes, text: bytes) -> bytes:
    """Return a line's digest, given the digest of the line before."""
    return hashlib.sha256(previous.hex().encode() + b"\n" + text).digest()


def text_of_mail(written: bytes) -> str:
    """Return a file's text. For a saved mail, also return the decoded text of its parts."""
    parts = [part for part in email.message_from_bytes(written).walk() if part.get_content_maintype() == "text"]
    decoded = (part.get_payload(decode=True) for part in parts)
    texts = [written, *(each for each in decoded if isinstance(each, bytes))]
    return "\n".join(each.decode("utf-8", "replace").replace("\0", "") for each in texts)  # UTF-16 contains NUL


def find_checkpoints(text: str) -> tuple[tuple[CheckpointStatement, bytes], ...]:
    text = re.sub("=\r?\n", "", text).replace("\u00a0", " ")  # a saved mail's soft line breaks
    text = re.sub(r"^[>|\s]+", "", text, flags=re.MULTILINE)
    return tuple(dict.fromkeys(_checkpoint(match) for match in CHECKPOINT.finditer(text)))


def parse_statement(statement: str) -> CheckpointStatement | None:
    """Parse a stored statement. Return None unless it has exactly our format."""
    match = CHECKPOINT.fullmatch(f"{statement}signature {'0' * 128}")
    said = None if match is None else _checkpoint(match)[0]
    return said if said is not None and said.text() == statement else None


def _checkpoint(match: re.Match[str]) -> tuple[CheckpointStatement, bytes]:
    election, number, lines, made = match.groups()[:4]
    digest, key, signature = (bytes.fromhex("".join(each.split())) for each in match.groups()[4:])
    return CheckpointStatement(election, int(number), int(lines), made, digest, key), signature


def is_genuine_signature(key: bytes, signed: bytes, signature: bytes) -> bool:
    """Return whether this is a valid Ed25519 signature (RFC 8032) of those bytes."""
    try:
        from cryptography.exceptions import InvalidSignature
        from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
    except ImportError:
        return _is_genuine_by_openssl(key, signed, signature)
    try:
        Ed25519PublicKey.from_public_bytes(key).verify(signature, signed)
    except (InvalidSignature, ValueError):  # ValueError: wrong length of the key or signature
        return False
    return True


def _is_genuine_by_openssl(key: bytes, signed: bytes, signature: bytes) -> bool:
    with tempfile.TemporaryDirectory() as folder:
        said, mark, pem = (Path(folder) / name for name in ("statement", "signature", "key.pem"))
        said.write_bytes(signed)
        mark.write_bytes(signature)
        pem.write_text(public_key_pem(key), "ascii")
        command = ["openssl", "pkeyutl", "-verify", "-pubin", "-inkey", str(pem), "-rawin"]
        try:
            done = subprocess.run(
                [*command, "-in", str(said), "-sigfile", str(mark)], capture_output=True, text=True, check=False
            )
        except OSError:
            raise Unverifiable(
                "Ni le module cryptography ni la commande openssl : les signatures ne peuvent pas être vérifiées."
            ) from None
    if "Successfully" not in done.stdout and "Failure" not in done.stdout:
        raise Unverifiable("La commande openssl est trop ancienne : il faut la version 3, ou le module cryptography.")
    return done.returncode == 0


def public_key_pem(key: bytes) -> str:
    body = base64.b64encode(ED25519_PREFIX + key).decode()
    return f"-----BEGIN PUBLIC KEY-----\n{body}\n-----END PUBLIC KEY-----\n"


@dataclass(frozen=True)
class CheckpointPosition:
    """A checkpoint's number and the number of lines it attests. Zeros mean the beginning of the journal."""

    number: int = 0
    lines: int = 0


@dataclass(frozen=True)
class LossDeclaration:
    """An operator's declaration of a loss: the checkpoints after `agreed` up to `lost` are void.

    `made` is the time in the statement of the checkpoint `lost`; later checkpoints are not void.
    """

    kind: str
    cause: str
    happened: datetime
    agreed: CheckpointPosition
    lost: CheckpointPosition
    made: str

    def journal_text(self) -> str:
        marks = (f"{mark.number}/{mark.lines}" for mark in (self.agreed, self.lost))
        return " ".join((self.kind, self.cause, self.happened.isoformat(), *marks, self.made))

    @property
    def voids_any_checkpoint(self) -> bool:
        return self.lost.number > self.agreed.number

    def voids_checkpoint(self, statement: CheckpointStatement, after: int) -> bool:
        """Return whether a checkpoint is void. Those up to number `after` were declared before."""
        return (
            max(self.agreed.number, after) < statement.number <= self.lost.number
            and self.agreed.lines < statement.lines <= self.lost.lines
            and statement.made <= self.made
        )


def parse_declaration(reason: object) -> LossDeclaration | None:
    """Parse the reason of a line. Return None if it is malformed or ends before it begins."""
    match = DECLARATION.fullmatch(reason) if isinstance(reason, str) else None
    if match is None:
        return None
    kind, cause, happened, *numbers, made = match.groups()
    agreed, lost = (CheckpointPosition(int(numbers[at]), int(numbers[at + 1])) for at in (0, 2))
    forward = lost == agreed or (lost.number > agreed.number and lost.lines > agreed.lines)
    moment = parse_moment(happened)
    if kind not in LOSS_KINDS or cause not in LOSS_CAUSES or moment is None or not forward:
        return None
    return LossDeclaration(kind, cause, moment, agreed, lost, made)


def parse_moment(written: object) -> datetime | None:
    try:
        moment = datetime.fromisoformat(str(written).replace("Z", "+00:00"))
    except ValueError:
        return None
    return None if moment.tzinfo is None else moment


@dataclass(frozen=True)
class DeclaredLoss:
    """A declaration, its place in the chain, and the highest checkpoint number declared before it."""

    place: int
    said: LossDeclaration
    after: int


class DeclaredLosses:
    def __init__(self) -> None:
        self.known: list[DeclaredLoss] = []

    def read(self, place: int, reason: object, at: object) -> bool:
        """Read the declaration of a line. Return whether it is valid."""
        said = parse_declaration(reason)
        if said is None or parse_moment(at) is None or not self.is_admissible(said, place):
            return False
        self.known.append(DeclaredLoss(place, said, self._highest_number()))
        return True

    def _highest_number(self) -> int:
        return max((each.said.lost.number for each in self.known), default=0)

    def is_admissible(self, declaration: LossDeclaration, place: int) -> bool:
        """Return whether a declaration at that place extends the earlier ones and concerns only lines before itself."""
        if declaration.agreed.lines >= place:
            return False
        if declaration.voids_any_checkpoint:
            return declaration.lost.number > self._highest_number()
        return all(declaration.agreed.lines >= each.place for each in self.known)

    def covers(self, statement: CheckpointStatement) -> bool:
        """Return whether a declaration voids this checkpoint."""
        return any(each.said.voids_checkpoint(statement, each.after) for each in self.known)

    def begin_after(self, agreeing: Iterable[CheckpointStatement]) -> None:
        """Shorten each declaration to start after the last checkpoint that it covers and the chain confirms."""
        for said in agreeing:
            for index, each in enumerate(self.known):
                if each.said.voids_checkpoint(said, each.after):
                    agreed = CheckpointPosition(said.number, said.lines)
                    self.known[index] = replace(each, said=replace(each.said, agreed=agreed))

    def without_void_numbers(self, first: int, last: int) -> Iterator[tuple[int, int]]:
        """Yield the ranges of missing checkpoint numbers that no declaration voids."""
        for each in self.known:
            start, end = max(each.said.agreed.number, each.after) + 1, each.said.lost.number
            if each.said.voids_any_checkpoint and start <= last and end >= first:
                if first < start:
                    yield first, start - 1
                first = max(first, end + 1)
        if first <= last:
            yield first, last


class ChainCheck:
    """Compares a chain with the checkpoints that attest it, in one pass with little memory.

    After a mismatch it continues from both the stored and the computed digest, so one change gives one finding. Add the
    checkpoints first, then check the lines.
    """

    def __init__(self, key: bytes) -> None:
        self.key = key
        self.place = 0
        """The place of the last line."""
        self.losses = DeclaredLosses()
        self._attested: dict[int, list[CheckpointStatement]] = defaultdict(list)
        self.numbers: set[int] = set()
        """The numbers of the journal's own checkpoints."""
        self._made = 0
        """The highest checkpoint number recorded in the journal."""
        self._digests: tuple[bytes, ...] = (GENESIS,)
        """The possible digests at the last place: several after a mismatch, none after missing places."""
        self._before: bytes | None = None
        """The last line that matches its digest."""
        self._confirmed = 0
        """The last place at which a checkpoint and the chain agree."""
        self._agreeing: list[CheckpointStatement] = []
        self._contradicting: list[tuple[Finding, CheckpointStatement]] = []

    def add_own(self, number: int, said: CheckpointStatement | None, signature: bytes) -> Iterator[Finding]:
        """Add a checkpoint stored under this number. `said` is None if its text could not be parsed."""
        self.numbers.add(number)
        if said is None or said.number != number or said.key != self.key:
            yield Finding(CHECKPOINT_ALTERED, checkpoint=number)
        else:
            yield from self.add(said, signature)

    def add(self, said: CheckpointStatement, signature: bytes) -> Iterator[Finding]:
        if said.key != self.key:
            yield Finding(OTHER_KEY, checkpoint=said.number)
        elif not said.is_signed(signature, self.key):
            yield Finding(CHECKPOINT_ALTERED, checkpoint=said.number)
        elif said not in self._attested[said.lines]:
            self._attested[said.lines].append(said)

    def findings(self, chain: Iterable[tuple[int, int, bytes | None, bytes]]) -> Iterator[Finding]:
        """Check each line, given as place, number, text (None if missing) and digest."""
        for place, number, text, digest in chain:
            if place != self.place + 1:
                yield Finding(PLACES_GONE, self.place + 1, place - 1, text=self._before)
                self._digests = ()
            self.place = place
            yield from self._check_line(number, text, digest)
            self._compare_with_checkpoints()
        self._note_what_is_beyond()
        self.losses.begin_after(self._agreeing)
        yield from (found for found, said in self._contradicting if not self.losses.covers(said))
        yield from self._missing_checkpoints()

    def _check_line(self, number: int, text: bytes | None, digest: bytes) -> Iterator[Finding]:
        if text is None:
            yield Finding(LINE_GONE, self.place, line=number, text=self._before)
            self._digests = (digest,)
            return
        expected = [chained_line_digest(before, text) for before in self._digests]
        if expected and digest not in expected:
            yield Finding(DISAGREES, self.place, line=number, text=text)
            self._digests = (digest, *expected)
            return
        self._digests, self._before = (digest,), text
        if b'"act":"checkpoint-made"' in text:
            case = re.fullmatch(r"0000-(\d+)", str(json.loads(text).get("case")))
            self._made = max(self._made, int(case[1]) if case else 0)
        elif b'"act":"loss-declared"' in text:
            said = json.loads(text)
            if not self.losses.read(self.place, said.get("reason"), said.get("at")):
                yield Finding(DECLARED_WRONGLY, self.place, line=number, text=text)

    def _compare_with_checkpoints(self) -> None:
        for said in self._attested.get(self.place, ()):
            if said.digest in self._digests:
                self._confirmed = self.place
                self._agreeing.append(said)
            else:
                found = Finding(REWRITTEN, self._confirmed + 1, self.place, checkpoint=said.number)
                self._contradicting.append((found, said))

    def _note_what_is_beyond(self) -> None:
        for last in sorted(place for place in self._attested if place > self.place):
            for said in self._attested[last]:
                found = Finding(SHORTENED, self.place + 1, last, text=self._before, checkpoint=said.number)
                self._contradicting.append((found, said))

    def _missing_checkpoints(self) -> Iterator[Finding]:
        before, end = 0, max(self._made, *self.numbers, 0) + 1
        for number in sorted({*self.numbers, end}):
            for first, last in self.losses.without_void_numbers(before + 1, number - 1):
                yield Finding(CHECKPOINT_GONE, checkpoint=first, last=last)
            before = number


# ── The exported folder ──────────────────────────────────────────────────────────────────────────────────

HERE = Path(__file__).resolve().parent
SHOWN = 50
COUNTED_REASONS = {
    "act-refused",
    "ask-dropped",
    "calendar-refused",
    "caller-refused",
    "code-refused",
    "duty-refused",
    "link-refused",
    "mail-bounced",
    "matching-refused",
    "password-refused",
    "reissue-refused",
    "sign-in-refused",
    "sms-reported",
}
COLUMNS = {"ligne": "line", "acte": "act", "dossier": "case", "électeur": "voter", "agent": "agent", "motif": "reason"}


def main(files: list[str]) -> int:
    """Run all checks and return the exit status."""
    key = public_key()
    inside = checkpoints_in(HERE / "points-de-controle.txt")
    outside = [each for file in files for each in checkpoints_in(Path(file))]
    if files and not outside:
        raise Unverifiable("Aucun point de contrôle entier dans les fichiers donnés : rien n'a été vérifié.")
    if not inside + outside:
        raise Unverifiable("Aucun point de contrôle, ni exporté ni donné : rien n'est prouvé.")
    check = ChainCheck(key)
    problems: list[str] = []
    check.numbers.update(said.number for said, _ in inside)
    for said, signature in inside + outside:
        problems += map(sentence, check.add(said, signature))
    found = list(map(sentence, check.findings(exported_lines(problems))))
    problems += found
    problems += check_csv_files()
    print_findings(problems, check.place, key, len(inside), len(outside))
    for loss in check.losses.known:
        if loss.said.voids_any_checkpoint:
            print(
                f"Place {loss.place} : l'exploitant y déclare la perte de ce qu'attestent les points de contrôle"
                f" n° {max(loss.said.agreed.number, loss.after) + 1} à {loss.said.lost.number},"
                f" places {loss.said.agreed.lines + 1} à {loss.said.lost.lines}."
            )
    return 1 if problems else 0


def public_key() -> bytes:
    pem = (HERE / "cle-publique.pem").read_text("ascii").split("-----")[2]
    written = base64.b64decode("".join(pem.split()))
    if not written.startswith(ED25519_PREFIX):
        raise Unverifiable("cle-publique.pem n'est pas une clé Ed25519 : rien n'a été vérifié.")
    return written[len(ED25519_PREFIX) :]


def checkpoints_in(path: Path) -> list[tuple[CheckpointStatement, bytes]]:
    """Return all checkpoints in a file. A mail program may have quoted, wrapped or encoded them."""
    return list(find_checkpoints(text_of_mail(path.read_bytes())))


def exported_lines(problems: list[str]) -> Iterator[tuple[int, int, bytes | None, bytes]]:
    """Yield the lines for `ChainCheck.findings`. A digest with a wrong place number is replaced by an empty one."""
    place = 0
    with (HERE / "journal.jsonl").open("rb") as journal, (HERE / "empreintes.txt").open("rb") as digests:
        for place, raw in enumerate(journal, start=1):
            number, _, kept = digests.readline().decode("ascii", "replace").strip().partition(" ")
            right = number == str(place) and re.fullmatch("[0-9a-f]{64}", kept)
            line = raw.rstrip(b"\n")
            yield place, 0, None if line == b"null" else line, bytes.fromhex(kept) if right else b""
        if digests.readline():
            problems.append(f"Après la place {place} : des empreintes n'ont plus leur ligne.")


def sentence(found: Finding) -> str:
    return {
        CHECKPOINT_ALTERED: f"Point de contrôle n° {found.checkpoint} : sa signature n'est pas celle de son texte.",
        OTHER_KEY: f"Point de contrôle n° {found.checkpoint} : il est signé par une autre clé que celle de cle-publique.pem.",
        CHECKPOINT_GONE: f"Points de contrôle n° {found.checkpoint} à {found.last} : ils manquent.",
        DISAGREES: f"Place {found.place} : {line_reference(found.text)} et son empreinte ne s'accordent pas.",
        LINE_GONE: f"Place {found.place} : {line_reference(None)} et son empreinte ne s'accordent pas.",
        DECLARED_WRONGLY: f"Place {found.place} : {line_reference(found.text)} déclare une perte, et ne vaut rien.",
        REWRITTEN: f"Places {found.place} à {found.last} : ce n'est pas la chaîne qu'atteste le point de contrôle n° {found.checkpoint}.",
        SHORTENED: f"Places {found.place} à {found.last} : le point de contrôle n° {found.checkpoint} les atteste, et elles manquent.",
    }[found.kind]


def line_reference(line: bytes | None) -> str:
    try:
        said = json.loads(line or b"null")
        return f"la ligne {said['line']}, du {said.get('at', '?')}, dossier {said.get('case', '–')},"
    except (ValueError, KeyError, TypeError):
        return "une ligne qui manque ou ne se lit pas"


def check_csv_files() -> list[str]:
    """Check that journal.csv agrees with the journal, and comptes.csv with both."""
    problems: list[str] = []
    sentences: dict[object, tuple[str, str]] = {}
    offsets: set[timedelta] = set()
    counts: Counter[tuple[str, str, str]] = Counter()
    told: Counter[tuple[tuple[str, str, str], str]] = Counter()
    place = 0
    with (HERE / "journal.jsonl").open("rb") as journal:
        for row in table_rows("journal.csv"):
            place += 1
            said = json.loads(journal.readline() or b"null") or {}
            wrong = [name for name, field in COLUMNS.items() if csv_value(said.get(field)) != row[name]]
            if (
                wrong
                or row["date (UTC)"] != said.get("at", "")
                or row["place"] != str(place)
                or not is_same_moment(row, offsets)
            ):
                problems.append(f"journal.csv, place {place} : ce n'est pas ce que dit journal.jsonl.")
            elif not has_same_author_and_sentence(sentences, row, said):
                problems.append(
                    f"journal.csv, place {place} : la phrase ou l'auteur n'est pas celui des autres lignes du même acte."
                )
            if said:
                day = "-".join(reversed(row["date"][:10].split("/")))
                kind = day, csv_value(said.get("act")), counted_reason(said)
                counts[kind] += 1
                if "agent" not in said:  # rows with an agent are counted under a sentence without the name
                    told[kind, row["quoi"]] += 1
        if journal.readline():
            problems.append("journal.csv s'arrête avant la fin de journal.jsonl.")
    for row in table_rows("comptes.csv"):
        kind = row["jour"], row["acte"], row["motif"]
        counts[kind] -= int(row["nombre"])
        told[kind, row["quoi"]] -= int(row["nombre"])
    wrong_days = {kind[0] for kind, left in counts.items() if left}
    wrong_days |= {kind[0] for (kind, _), left in told.items() if left > 0}
    for day in sorted(wrong_days):
        problems.append(f"comptes.csv, {day} : ce ne sont pas les comptes de journal.csv.")
    return problems


def table_rows(name: str) -> Iterator[dict[str, str]]:
    with (HERE / name).open(encoding="utf-8-sig", newline="") as table:
        yield from csv.DictReader(table, delimiter=";")


def is_same_moment(row: dict[str, str], offsets: set[timedelta]) -> bool:
    """Return whether the readable date is the exact one in the time zone of the earlier rows.

    Summer time shifts it by an hour.
    """
    if not row["date (UTC)"]:
        return not row["date"]
    try:
        read = datetime.strptime(row["date"] + "Z", "%d/%m/%Y %H:%M:%S%z")
    except ValueError:
        return False
    offsets.add(read - datetime.strptime(row["date (UTC)"][:19] + "Z", "%Y-%m-%dT%H:%M:%S%z"))
    return max(offsets) - min(offsets) <= timedelta(hours=1)


def has_same_author_and_sentence(
    sentences: dict[object, tuple[str, str]], row: dict[str, str], said: dict[str, object]
) -> bool:
    """Return whether earlier rows with the same act have the same author and sentence."""
    told = said.get("actor"), said.get("act"), said.get("reason"), said.get("agent")
    return sentences.setdefault(told, (row["qui"], row["quoi"])) == (row["qui"], row["quoi"])


def counted_reason(said: dict[str, object]) -> str:
    """Return the reason by which comptes.csv counts a line. Free text from mail servers is not counted."""
    return csv_value(said.get("reason")) if said.get("act") in COUNTED_REASONS else ""


def csv_value(value: object) -> str:
    """Return a value in the form of journal.csv, which prevents spreadsheets from reading it as a formula."""
    text = "" if value is None else str(value)
    return f"'{text}" if text[:1] in ("=", "+", "-", "@", "\t", "\r") else text


def print_findings(problems: list[str], lines: int, key: bytes, inside: int, outside: int) -> None:
    print("Tout concorde." if not problems else "Quelque chose ne concorde pas.")
    for problem in problems[:SHOWN]:
        print(problem)
    if len(problems) > SHOWN:
        print(f"… et {len(problems) - SHOWN} autres.")
    print(f"{lines} lignes ; {inside} points de contrôle exportés ; {outside} venus du dehors.")
    print(f"Clé publique : {key.hex()}. Comparez-la à celle qui a été remise au bureau de vote.")
    if not outside:
        print("Pour prouver que rien n'a été refait avant l'export, donnez les messages reçus : verifier.py FICHIER…")


def run() -> int:
    """Run all checks. If verification is impossible, print the reason on stderr. Return the exit status."""
    try:
        return main(sys.argv[1:])
    except Unverifiable as why:
        print(why, file=sys.stderr)
    except OSError as failure:
        missing = Path(failure.filename or HERE).name
        print(f"{missing} manque ou ne se lit pas : rien n'a été vérifié.", file=sys.stderr)
    except (ValueError, KeyError, IndexError, TypeError, AttributeError, csv.Error):
        print(
            "Un des fichiers n'est plus tel qu'il a été exporté, et ne se lit pas : rien n'a été vérifié.",
            file=sys.stderr,
        )
    return 2


if __name__ == "__main__":
    sys.exit(run())
