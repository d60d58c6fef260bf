"""Vérifie un export du journal sans le logiciel qui l'a écrit. Il faut Python 3.9 ou plus récent.

    python3 verifier.py [FICHIER…]

Chaque FICHIER contient un ou plusieurs points de contrôle que le bureau de vote a reçus par courriel : le message
enregistré tel quel, ou les lignes copiées. La preuve repose sur ces points de contrôle, car personne n'a pu les changer
sur la machine du vote. Le module « cryptography » vérifie les signatures Ed25519. S'il n'est pas installé, la commande
openssl les vérifie (version 3 ou plus récente).

L'empreinte d'une ligne est le SHA-256 de trois éléments mis bout à bout : l'empreinte de la ligne précédente (64
chiffres hexadécimaux, ou 64 zéros pour la première ligne), un saut de ligne, et la ligne telle qu'elle est écrite dans
journal.jsonl, sans le saut de ligne qui la termine.

Chaque programme de l'élection signe les lignes qu'il écrit. Sa signature Ed25519 porte sur « retrouve-event », un saut
de ligne, et la ligne sans ses membres « line » et « signature » ; seul le module « cryptography » la vérifie.

Code de sortie : 0 si tout concorde, 1 si quelque chose ne concorde pas, 2 si la vérification est impossible ou incomplète.
"""

from __future__ import annotations

import base64
import csv
import email
import hashlib
import importlib.util
import json
import re
import sqlite3
import subprocess
import sys
import tempfile
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path

# ── The chain, its checkpoints and declared losses; `retrouve journal verify` runs these too ─────────────

GENESIS = bytes(32)
HEX = r"(?:[0-9a-f]\s*)"
CHECKPOINT = re.compile(
    r"retrouve-checkpoint\s+1\s+election\s+(\S+)\s+number\s+(\d{1,9})\s+lines\s+(\d{1,18})\s+made\s+(\S+)"
    rf"\s+digest\s+({HEX}{{64}})\s*key\s+({HEX}{{64}})\s*signature\s+({HEX}{{128}})",
    re.ASCII,
)
ED25519_PREFIX = bytes.fromhex("302a300506032b6570032100")
"""Bytes before an Ed25519 key in a SubjectPublicKeyInfo structure (RFC 8410)."""
DECLARATION = re.compile(r"([a-z]+) ([a-z-]+) (\S+) (\d{1,9})/(\d{1,18}) (\d{1,9})/(\d{1,18}) (\S+)", re.ASCII)
LOSS_KINDS = ("failover", "restore")
LOSS_CAUSES = ("host-lost", "network-cut", "disk-failed", "data-damaged", "mistake", "exercise")

DISAGREES, LINE_GONE, PLACES_GONE, DECLARED_WRONGLY = "disagrees", "line-gone", "places-gone", "declared-wrongly"
REWRITTEN, SHORTENED = "rewritten", "shortened"
CHECKPOINT_GONE, CHECKPOINT_ALTERED, OTHER_KEY = "checkpoint-gone", "checkpoint-altered", "other-key"
UNSIGNED, TWICE = "unsigned", "twice"
PROGRAMS = ("bounces", "courier", "desk", "operator", "serve")
EVENT_PREFIX = b"retrouve-event\n"
"""Prefix that programs sign together with a journal line."""


class Unverifiable(Exception):
    pass


@dataclass(frozen=True)
class CheckpointStatement:
    """The signed content of a checkpoint."""

    election: str
    number: int
    lines: int
    made: str
    digest: bytes
    key: bytes

    def text(self) -> str:
        return (
            f"retrouve-checkpoint 1\nelection {self.election}\nnumber {self.number}\nlines {self.lines}\n"
            f"made {self.made}\ndigest {self.digest.hex()}\nkey {self.key.hex()}\n"
        )

    def is_signed(self, signature: bytes, key: bytes) -> bool:
        return self.key == key and is_genuine_signature(key, self.text().encode(), signature)


@dataclass(frozen=True)
class Finding:
    """A mismatch in the journal, with its position in the hash chain."""

    kind: str
    place: int = 0
    last: int = 0
    line: int = 0
    text: bytes | None = None
    """The text of the journal line. If the line is missing, the text of the line before it."""
    checkpoint: int = 0


def chained_line_digest(previous: bytes, text: bytes) -> bytes:
    return hashlib.sha256(previous.hex().encode() + b"\n" + text).digest()


def text_of_mail(written: bytes) -> str:
    """Return a file's text. For a saved email, the decoded parts are appended."""
    parts = [part for part in email.message_from_bytes(written).walk() if part.get_content_maintype() == "text"]
    decoded = (part.get_payload(decode=True) for part in parts)
    texts = [written, *(part for part in decoded if isinstance(part, bytes))]
    return "\n".join(text.decode("utf-8", "replace").replace("\0", "") for text in texts)  # UTF-16 contains NUL


def find_checkpoints(text: str) -> tuple[tuple[CheckpointStatement, bytes], ...]:
    text = re.sub("=\r?\n", "", text).replace("\u00a0", " ")  # join the lines that the mail program has broken
    text = re.sub(r"^[>|\s]+", "", text, flags=re.MULTILINE)
    return tuple(dict.fromkeys(_checkpoint(match) for match in CHECKPOINT.finditer(text)))


def parse_statement(statement: str) -> CheckpointStatement | None:
    match = CHECKPOINT.fullmatch(f"{statement}signature {'0' * 128}")
    parsed = None if match is None else _checkpoint(match)[0]
    return parsed if parsed is not None and parsed.text() == statement else None


def _checkpoint(match: re.Match[str]) -> tuple[CheckpointStatement, bytes]:
    election, number, lines, made = match.groups()[:4]
    digest, key, signature = (bytes.fromhex("".join(digits.split())) for digits in match.groups()[4:])
    return CheckpointStatement(election, int(number), int(lines), made, digest, key), signature


def is_genuine_signature(key: bytes, signed: bytes, signature: bytes) -> bool:
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


def is_signed_event(line: bytes, keys: Mapping[str, bytes]) -> bool:
    """Return whether a journal line is signed by the program that it names."""
    said = json.loads(line)
    signature, key = said.pop("signature", None), keys.get(str(said.get("program")))
    said.pop("line", None)
    if key is None or not isinstance(signature, str) or not re.fullmatch("[0-9a-f]{128}", signature):
        return False
    signed = json.dumps(said, ensure_ascii=False, separators=(",", ":"), sort_keys=True)
    return is_genuine_signature(key, EVENT_PREFIX + signed.encode("utf-8", "surrogatepass"), bytes.fromhex(signature))


def _is_genuine_by_openssl(key: bytes, signed: bytes, signature: bytes) -> bool:
    with tempfile.TemporaryDirectory() as folder:
        signed_file, signature_file, pem = (Path(folder) / name for name in ("statement", "signature", "key.pem"))
        signed_file.write_bytes(signed)
        signature_file.write_bytes(signature)
        pem.write_text(public_key_pem(key), "ascii")
        command = ["openssl", "pkeyutl", "-verify", "-pubin", "-inkey", str(pem), "-rawin"]
        try:
            done = subprocess.run(
                [*command, "-in", str(signed_file), "-sigfile", str(signature_file)],
                capture_output=True,
                text=True,
                check=False,
            )
        except OSError:
            raise Unverifiable(
                "Les signatures ne peuvent pas être vérifiées : installez le module cryptography ou la commande openssl."
            ) from None
    if "Successfully" not in done.stdout and "Failure" not in done.stdout:
        raise Unverifiable("La commande openssl est trop ancienne : installez la version 3 ou le module cryptography.")
    return done.returncode == 0


def public_key_pem(key: bytes) -> str:
    body = base64.b64encode(ED25519_PREFIX + key).decode()
    return f"-----BEGIN PUBLIC KEY-----\n{body}\n-----END PUBLIC KEY-----\n"


@dataclass(frozen=True)
class CheckpointPosition:
    number: int = 0
    lines: int = 0


@dataclass(frozen=True)
class LossDeclaration:
    """An operator's declaration that the end of the journal was lost."""

    kind: str
    cause: str
    happened: datetime
    agreed: CheckpointPosition
    lost: CheckpointPosition
    made: str
    """Time of the last void checkpoint. Later checkpoints are valid."""

    def journal_text(self) -> str:
        positions = (f"{position.number}/{position.lines}" for position in (self.agreed, self.lost))
        return " ".join((self.kind, self.cause, self.happened.isoformat(), *positions, self.made))

    @property
    def voids_any_checkpoint(self) -> bool:
        return self.lost.number > self.agreed.number

    def voids_checkpoint(self, statement: CheckpointStatement, after: int) -> bool:
        """Return whether this declaration voids the checkpoint. Checkpoints up to number `after` are not voided."""
        return (
            max(self.agreed.number, after) < statement.number <= self.lost.number
            and self.agreed.lines < statement.lines <= self.lost.lines
            and statement.made <= self.made
        )


def parse_declaration(reason: object) -> LossDeclaration | None:
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
    place: int
    said: LossDeclaration
    after: int
    """Highest checkpoint number that earlier declarations make void, or 0."""


class DeclaredLosses:
    def __init__(self) -> None:
        self.known: list[DeclaredLoss] = []

    def read(self, place: int, reason: object, at: object) -> bool:
        declaration = parse_declaration(reason)
        if declaration is None or parse_moment(at) is None or not self.is_admissible(declaration, place):
            return False
        self.known.append(DeclaredLoss(place, declaration, self._highest_number()))
        return True

    def _highest_number(self) -> int:
        return max((loss.said.lost.number for loss in self.known), default=0)

    def is_admissible(self, declaration: LossDeclaration, place: int) -> bool:
        """Return whether a declaration at this position declares a new loss."""
        if declaration.agreed.lines >= place:
            return False
        if declaration.voids_any_checkpoint:
            return declaration.lost.number > self._highest_number()
        return all(declaration.agreed.lines >= loss.place for loss in self.known)

    def covers(self, statement: CheckpointStatement) -> bool:
        return any(loss.said.voids_checkpoint(statement, loss.after) for loss in self.known)

    def begin_after(self, agreeing: Iterable[CheckpointStatement]) -> None:
        """Shorten the declared losses so that they no longer contain confirmed checkpoints."""
        for statement in agreeing:
            for index, loss in enumerate(self.known):
                if loss.said.voids_checkpoint(statement, loss.after):
                    agreed = CheckpointPosition(statement.number, statement.lines)
                    self.known[index] = replace(loss, said=replace(loss.said, agreed=agreed))

    def without_void_numbers(self, first: int, last: int) -> Iterator[tuple[int, int]]:
        """Yield the ranges of numbers between `first` and `last` that no declaration makes void."""
        for loss in self.known:
            start, end = max(loss.said.agreed.number, loss.after) + 1, loss.said.lost.number
            if loss.said.voids_any_checkpoint and start <= last and end >= first:
                if first < start:
                    yield first, start - 1
                first = max(first, end + 1)
        if first <= last:
            yield first, last


@dataclass(frozen=True)
class PublicKeys:
    checkpoints: bytes
    programs: Mapping[str, bytes] | None
    """Public key of each program, or None if signatures cannot be verified."""


class ChainCheck:
    """Compares the hash chain with its checkpoints. Add all checkpoints before reading `findings`."""

    def __init__(self, keys: PublicKeys) -> None:
        self.key, self.programs = keys.checkpoints, keys.programs
        self._ids = sqlite3.connect("")  # a temporary file, because millions of ids would fill the memory
        self._ids.execute("CREATE TABLE ids (uid TEXT PRIMARY KEY) WITHOUT ROWID")
        self.place = 0
        self.losses = DeclaredLosses()
        self._attested: dict[int, list[CheckpointStatement]] = defaultdict(list)
        self.numbers: set[int] = set()
        self._made = 0
        self._digests: tuple[bytes, ...] = (GENESIS,)
        """Possible digests of the last line."""
        self._before: bytes | None = None
        self._confirmed = 0
        self._agreeing: list[CheckpointStatement] = []
        self._contradicting: list[tuple[Finding, CheckpointStatement]] = []

    def add_own(self, number: int, statement: CheckpointStatement | None, signature: bytes) -> Iterator[Finding]:
        """Add a checkpoint stored with the journal. `statement` is None if the checkpoint is unreadable."""
        self.numbers.add(number)
        if statement is None or statement.number != number or statement.key != self.key:
            yield Finding(CHECKPOINT_ALTERED, checkpoint=number)
        else:
            yield from self.add(statement, signature)

    def add(self, statement: CheckpointStatement, signature: bytes) -> Iterator[Finding]:
        if statement.key != self.key:
            yield Finding(OTHER_KEY, checkpoint=statement.number)
        elif not statement.is_signed(signature, self.key):
            yield Finding(CHECKPOINT_ALTERED, checkpoint=statement.number)
        elif statement not in self._attested[statement.lines]:
            self._attested[statement.lines].append(statement)

    def findings(self, chain: Iterable[tuple[int, int, bytes | None, bytes]]) -> Iterator[Finding]:
        """Yield every mismatch in the journal. `chain` yields (position, number, text or None, digest)."""
        for place, number, text, digest in chain:
            if place != self.place + 1:
                yield Finding(PLACES_GONE, self.place + 1, place - 1, text=self._before)
                self._digests = ()
            self.place = place
            yield from self._check_line(number, text, digest)
            self._compare_with_checkpoints()
        self._note_what_is_beyond()
        self.losses.begin_after(self._agreeing)
        yield from (finding for finding, statement in self._contradicting if not self.losses.covers(statement))
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
        if self.programs is not None and not is_signed_event(text, self.programs):
            yield Finding(UNSIGNED, self.place, line=number, text=text)
            return
        if not self._is_new(text):
            yield Finding(TWICE, self.place, line=number, text=text)
            return
        if b'"act":"checkpoint-made"' in text:
            case = re.fullmatch(r"0000-(\d+)", str(json.loads(text).get("case")))
            self._made = max(self._made, int(case[1]) if case else 0)
        elif b'"act":"loss-declared"' in text:
            fields = json.loads(text)
            if not self.losses.read(self.place, fields.get("reason"), fields.get("at")):
                yield Finding(DECLARED_WRONGLY, self.place, line=number, text=text)

    def _is_new(self, text: bytes) -> bool:
        uid = json.loads(text).get("uid")
        return self._ids.execute("INSERT OR IGNORE INTO ids VALUES (?)", (str(uid),)).rowcount == 1

    def _compare_with_checkpoints(self) -> None:
        for statement in self._attested.get(self.place, ()):
            if statement.digest in self._digests:
                self._confirmed = self.place
                self._agreeing.append(statement)
            else:
                finding = Finding(REWRITTEN, self._confirmed + 1, self.place, checkpoint=statement.number)
                self._contradicting.append((finding, statement))

    def _note_what_is_beyond(self) -> None:
        for last in sorted(place for place in self._attested if place > self.place):
            for statement in self._attested[last]:
                finding = Finding(SHORTENED, self.place + 1, last, text=self._before, checkpoint=statement.number)
                self._contradicting.append((finding, statement))

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
    "dead-link-opened",
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
    key = public_key()
    inside = checkpoints_in(HERE / "points-de-controle.txt")
    outside = [checkpoint for file in files for checkpoint in checkpoints_in(Path(file))]
    if files and not outside:
        raise Unverifiable("Les fichiers donnés ne contiennent aucun point de contrôle : rien n'a été vérifié.")
    if not inside + outside:
        raise Unverifiable("L'export ne contient aucun point de contrôle, et aucun n'est donné : rien n'est prouvé.")
    written = (HERE / "cles-des-programmes.txt").read_bytes()
    check = ChainCheck(PublicKeys(key, program_keys(written.decode("ascii").split())))
    problems: list[str] = []
    check.numbers.update(statement.number for statement, _ in inside)
    for statement, signature in inside + outside:
        problems += map(sentence, check.add(statement, signature))
    findings = list(map(sentence, check.findings(exported_lines(problems))))  # adds to `problems` as well
    problems += findings
    problems += check_csv_files()
    print_findings(problems, check.place, key, len(inside), len(outside))
    print(f"Empreinte de cles-des-programmes.txt : {hashlib.sha256(written).hexdigest()}.")
    print("Comparez-la aussi à celle qui a été remise au bureau de vote.")
    if check.programs is None:
        print("Les signatures des lignes n'ont pas été vérifiées : installez le module « cryptography ».")
    for loss in check.losses.known:
        if loss.said.voids_any_checkpoint:
            print(
                f"Place {loss.place} : l'exploitant y déclare la perte des places {loss.said.agreed.lines + 1} à"
                f" {loss.said.lost.lines}, que les points de contrôle"
                f" n° {max(loss.said.agreed.number, loss.after) + 1} à {loss.said.lost.number} attestent."
            )
    return 1 if problems else 2 if check.programs is None else 0


def program_keys(words: list[str]) -> dict[str, bytes] | None:
    """Return each program's public key. Returns None if the `cryptography` module is not installed."""
    if not set(words[::2]) <= set(PROGRAMS):
        raise Unverifiable("cles-des-programmes.txt nomme un programme inconnu : rien n'a été vérifié.")
    if importlib.util.find_spec("cryptography") is None:
        return None
    return {program: bytes.fromhex(key) for program, key in zip(words[::2], words[1::2])}


def public_key() -> bytes:
    pem = (HERE / "cle-publique.pem").read_text("ascii").split("-----")[2]
    der = base64.b64decode("".join(pem.split()))
    if not der.startswith(ED25519_PREFIX):
        raise Unverifiable("cle-publique.pem n'est pas une clé Ed25519 : rien n'a été vérifié.")
    return der[len(ED25519_PREFIX) :]


def checkpoints_in(path: Path) -> list[tuple[CheckpointStatement, bytes]]:
    """Return all checkpoints in a file, even if a mail program reformatted it."""
    return list(find_checkpoints(text_of_mail(path.read_bytes())))


def exported_lines(problems: list[str]) -> Iterator[tuple[int, int, bytes | None, bytes]]:
    """Yield the exported lines as (position, number, text, digest)."""
    place = 0
    with (HERE / "journal.jsonl").open("rb") as journal, (HERE / "empreintes.txt").open("rb") as digests:
        for place, raw in enumerate(journal, start=1):
            number, _, digest = digests.readline().decode("ascii", "replace").strip().partition(" ")
            valid = number == str(place) and re.fullmatch("[0-9a-f]{64}", digest)
            line = raw.rstrip(b"\n")
            yield place, 0, None if line == b"null" else line, bytes.fromhex(digest) if valid else b""
        if digests.readline():
            problems.append(f"Après la place {place} : des empreintes n'ont plus leur ligne.")


def sentence(finding: Finding) -> str:
    if finding.kind == CHECKPOINT_GONE and finding.checkpoint == finding.last:
        return f"Point de contrôle n° {finding.checkpoint} : il manque."
    return {
        CHECKPOINT_ALTERED: f"Point de contrôle n° {finding.checkpoint} : son texte ou sa signature a été changé.",
        OTHER_KEY: f"Point de contrôle n° {finding.checkpoint} : il est signé par une autre clé que celle de cle-publique.pem.",
        CHECKPOINT_GONE: f"Points de contrôle n° {finding.checkpoint} à {finding.last} : ils manquent.",
        DISAGREES: f"Place {finding.place} : {line_reference(finding.text)} et son empreinte ne s'accordent pas.",
        LINE_GONE: f"Place {finding.place} : la ligne manque.",
        DECLARED_WRONGLY: f"Place {finding.place} : {line_reference(finding.text)} déclare une perte, mais cette déclaration n'est pas valable.",
        REWRITTEN: f"Places {finding.place} à {finding.last} : la chaîne n'est pas celle que le point de contrôle n° {finding.checkpoint} atteste.",
        SHORTENED: f"Places {finding.place} à {finding.last} : le point de contrôle n° {finding.checkpoint} les atteste, mais elles manquent.",
        UNSIGNED: f"Place {finding.place} : {line_reference(finding.text)} n'est signée par aucun programme de l'élection.",
        TWICE: f"Place {finding.place} : {line_reference(finding.text)} est la copie d'une ligne d'avant.",
    }[finding.kind]


def line_reference(line: bytes | None) -> str:
    try:
        fields = json.loads(line or b"null")
        return safe_text(f"la ligne {fields['line']}, du {fields.get('at', '?')}, dossier {fields.get('case', '–')},")
    except (ValueError, KeyError, TypeError):
        return "une ligne illisible"


def check_csv_files() -> list[str]:
    """Return the contradictions between journal.csv, comptes.csv and journal.jsonl."""
    problems: list[str] = []
    sentences: dict[object, tuple[str, str]] = {}
    offsets: set[timedelta] = set()
    counts: Counter[tuple[str, str, str]] = Counter()
    sentence_counts: Counter[tuple[tuple[str, str, str], str]] = Counter()
    place = 0
    with (HERE / "journal.jsonl").open("rb") as journal:
        for row in table_rows("journal.csv"):
            place += 1
            fields = json.loads(journal.readline() or b"null") or {}
            wrong = [
                column for column, field in COLUMNS.items() if csv_value(fields.get(field)) != safe_text(row[column])
            ]
            if (
                wrong
                or row["date (UTC)"] != fields.get("at", "")
                or row["place"] != str(place)
                or not is_same_moment(row, offsets)
            ):
                problems.append(f"journal.csv, place {place} : ce n'est pas ce que dit journal.jsonl.")
            elif not has_same_author_and_sentence(sentences, row, fields):
                problems.append(
                    f"journal.csv, place {place} : d'autres lignes du même acte ont une autre phrase ou un autre auteur."
                )
            if fields:
                day = "-".join(reversed(row["date"][:10].split("/")))
                kind = day, csv_value(fields.get("act")), counted_reason(fields)
                counts[kind] += 1
                if "agent" not in fields:  # comptes.csv leaves the agent's name out of the sentence
                    sentence_counts[kind, row["quoi"]] += 1
        if journal.readline():
            problems.append("journal.csv s'arrête avant la fin de journal.jsonl.")
    for row in table_rows("comptes.csv"):
        kind = row["jour"], row["acte"], safe_text(row["motif"])
        counts[kind] -= int(row["nombre"])
        sentence_counts[kind, row["quoi"]] -= int(row["nombre"])
    wrong_days = {kind[0] for kind, left in counts.items() if left}
    wrong_days |= {kind[0] for (kind, _), left in sentence_counts.items() if left > 0}
    for day in sorted(wrong_days):
        problems.append(f"comptes.csv, {day} : ce ne sont pas les comptes de journal.csv.")
    return problems


def table_rows(name: str) -> Iterator[dict[str, str]]:
    with (HERE / name).open(encoding="utf-8-sig", newline="") as table:
        yield from csv.DictReader(table, delimiter=";")


def is_same_moment(row: dict[str, str], offsets: set[timedelta]) -> bool:
    """Return whether the local and UTC times of a row agree."""
    if not row["date (UTC)"]:
        return not row["date"]
    try:
        read = datetime.strptime(row["date"] + "Z", "%d/%m/%Y %H:%M:%S%z")
    except ValueError:
        return False
    offsets.add(read - datetime.strptime(row["date (UTC)"][:19] + "Z", "%Y-%m-%dT%H:%M:%S%z"))
    return max(offsets) - min(offsets) <= timedelta(hours=1)


def has_same_author_and_sentence(
    sentences: dict[object, tuple[str, str]], row: dict[str, str], fields: dict[str, object]
) -> bool:
    """Return whether a row has the same author and sentence as earlier rows of the same event."""
    event = fields.get("actor"), fields.get("act"), fields.get("reason"), fields.get("agent")
    return sentences.setdefault(event, (row["qui"], row["quoi"])) == (row["qui"], row["quoi"])


def counted_reason(fields: dict[str, object]) -> str:
    return csv_value(fields.get("reason")) if fields.get("act") in COUNTED_REASONS else ""


def csv_value(value: object) -> str:
    """Return a value for journal.csv, escaped so that spreadsheets run no formula."""
    text = "" if value is None else safe_text(str(value))
    return f"'{text}" if text[:1] in ("=", "+", "-", "@", "\t", "\r") else text


def safe_text(text: str) -> str:
    """Put the text on one line, and replace control and reordering characters."""
    return "".join(each if is_shown(each) else " " if each.isspace() else "�" for each in text)


def is_shown(character: str) -> bool:
    known = unicodedata.ucd_3_2_0.category(character) != "Cn"
    return known and (character.isprintable() or unicodedata.category(character) == "Zs")


def print_findings(problems: list[str], lines: int, key: bytes, inside: int, outside: int) -> None:
    print("Tout concorde." if not problems else "Quelque chose ne concorde pas.")
    for problem in problems[:SHOWN]:
        print(problem)
    if len(problems) > SHOWN:
        print(f"… et {len(problems) - SHOWN} autres.")
    print(f"{lines} lignes ; {inside} points de contrôle exportés ; {outside} dans les fichiers donnés.")
    print(f"Clé publique : {key.hex()}. Comparez-la à celle qui a été remise au bureau de vote.")
    if not outside:
        print("Rien ne prouve encore que le journal n'a pas été refait avant l'export.")
        print("Donnez aussi les messages que le bureau de vote a reçus : python3 verifier.py FICHIER…")


def run() -> int:
    """Run all checks and return the exit status."""
    try:
        return main(sys.argv[1:])
    except Unverifiable as why:
        print(why, file=sys.stderr)
    except OSError as failure:
        missing = Path(failure.filename or HERE).name
        print(f"Le fichier {missing} manque ou ne peut pas être lu : rien n'a été vérifié.", file=sys.stderr)
    except (ValueError, KeyError, IndexError, TypeError, AttributeError, csv.Error):
        print(
            "Un des fichiers a été changé depuis l'export et ne peut pas être lu : rien n'a été vérifié.",
            file=sys.stderr,
        )
    return 2


if __name__ == "__main__":
    sys.exit(run())
