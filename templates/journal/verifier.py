"""Vérifie le journal exporté, sans le logiciel qui l'a écrit. Python 3.9 ou plus récent, et rien d'autre que sa bibliothèque.

    python3 verifier.py [FICHIER…]

Chaque FICHIER contient un ou plusieurs points de contrôle reçus par courriel, copiés ou enregistrés tels quels : ce sont
eux qui prouvent, car personne sur la machine du vote n'a pu les changer. Les signatures Ed25519 sont vérifiées par le
module « cryptography » s'il est installé, sinon par la commande openssl (version 3 ou plus récente).

L'empreinte d'une ligne est le SHA-256 de l'empreinte de la ligne d'avant (64 chiffres hexadécimaux ; 64 zéros pour la
première), d'un saut de ligne, et de la ligne de journal.jsonl telle qu'elle est écrite, sans son saut de ligne.

Code de sortie : 0 si tout concorde, 1 si quelque chose ne concorde pas, 2 si la vérification est impossible.
"""

import base64
import csv
import email
import hashlib
import json
import re
import subprocess
import sys
import tempfile
from collections import Counter
from datetime import datetime, timedelta
from pathlib import Path

HERE = Path(__file__).resolve().parent
ZEROS = "0" * 64
SHOWN = 50
HEX = r"(?:[0-9a-f]\s*)"
CHECKPOINT = re.compile(
    r"retrouve-checkpoint\s+1\s+election\s+(\S+)\s+number\s+(\d{1,9})\s+lines\s+(\d{1,18})\s+made\s+(\S+)"
    rf"\s+digest\s+({HEX}{{64}})\s*key\s+({HEX}{{64}})\s*signature\s+({HEX}{{128}})",
    re.ASCII,
)
STATEMENT = "retrouve-checkpoint 1\nelection {}\nnumber {}\nlines {}\nmade {}\ndigest {}\nkey {}\n"
ED25519_PREFIX = bytes.fromhex("302a300506032b6570032100")
DECLARATION = re.compile(r"[a-z]+ [a-z-]+ \S+ (\d+)/(\d+) (\d+)/(\d+) (\S+)", re.ASCII)
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


def main(files):
    """Check everything and return the exit status."""
    problems = []
    key = public_key()
    inside = checkpoints_in(HERE / "points-de-controle.txt")
    outside = [each for file in files for each in checkpoints_in(Path(file))]
    if files and not outside:
        exit_unverifiable("Aucun point de contrôle entier dans les fichiers donnés : rien n'a été vérifié.")
    if not inside + outside:
        exit_unverifiable("Aucun point de contrôle, ni exporté ni donné : rien n'est prouvé.")
    attested = {}
    for each in inside + outside:
        problem = checkpoint_problem(each, key)
        if problem:
            problems.append(f"Point de contrôle n° {each['number']} : {problem}.")
        else:
            attested.setdefault(each["lines"], []).append(each)
    lines, found, losses = check_chain(attested)
    problems += found
    problems += check_csv_files()
    print_findings(problems, lines, key, inside, outside)
    for loss in losses:
        print(
            f"Place {loss['place']} : l'exploitant y déclare la perte de ce qu'attestent les points de contrôle"
            f" n° {loss['first'] + 1} à {loss['number']}, places {loss['start'] + 1} à {loss['lines']}."
        )
    return 1 if problems else 0


def public_key():
    """Return the key of cle-publique.pem, in hexadecimal."""
    pem = (HERE / "cle-publique.pem").read_text("ascii").split("-----")[2]
    written = base64.b64decode("".join(pem.split()))
    if not written.startswith(ED25519_PREFIX):
        exit_unverifiable("cle-publique.pem n'est pas une clé Ed25519 : rien n'a été vérifié.")
    return written[len(ED25519_PREFIX) :].hex()


def checkpoints_in(path):
    """Return every checkpoint of a file that a mail program may have quoted, wrapped or encoded."""
    written = path.read_bytes()
    parts = [part for part in email.message_from_bytes(written).walk() if part.get_content_maintype() == "text"]
    texts = [written, *(part.get_payload(decode=True) or b"" for part in parts)]
    text = "\n".join(each.decode("utf-8", "replace").replace("\0", "") for each in texts)
    text = re.sub("=\r?\n", "", text).replace("\u00a0", " ")
    text = re.sub(r"^[>|\s]+", "", text, flags=re.MULTILINE)
    names = ("election", "number", "lines", "made", "digest", "key", "signature")
    found = []
    for match in CHECKPOINT.finditer(text):
        each = dict(zip(names, ("".join(group.split()) for group in match.groups())))
        each["number"], each["lines"] = int(each["number"]), int(each["lines"])
        if each not in found:
            found.append(each)
    return found


def checkpoint_problem(checkpoint, key):
    """Return what is wrong with a checkpoint in itself, or None."""
    if checkpoint["key"] != key:
        return "il est signé par une autre clé que celle de cle-publique.pem"
    names = ("election", "number", "lines", "made", "digest", "key")
    statement = STATEMENT.format(*(checkpoint[name] for name in names)).encode()
    if not is_signed_by(statement, bytes.fromhex(checkpoint["signature"]), bytes.fromhex(key)):
        return "sa signature n'est pas celle de son texte"
    return None


def is_signed_by(statement, signature, key):
    """Tell whether that key signed those bytes."""
    try:
        from cryptography.exceptions import InvalidSignature
        from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
    except ImportError:
        return signed_by_openssl(statement, signature)
    try:
        Ed25519PublicKey.from_public_bytes(key).verify(signature, statement)
    except InvalidSignature:
        return False
    return True


def signed_by_openssl(statement, signature):
    """Verify a signature with the openssl command."""
    with tempfile.TemporaryDirectory() as folder:
        said, mark = Path(folder) / "statement", Path(folder) / "signature"
        said.write_bytes(statement)
        mark.write_bytes(signature)
        command = ["openssl", "pkeyutl", "-verify", "-pubin", "-inkey", HERE / "cle-publique.pem", "-rawin"]
        try:
            done = subprocess.run(
                [*command, "-in", said, "-sigfile", mark], capture_output=True, text=True, check=False
            )
        except OSError:
            exit_unverifiable(
                "Ni le module cryptography ni la commande openssl : les signatures ne peuvent pas être vérifiées."
            )
    if "Successfully" not in done.stdout and "Failure" not in done.stdout:
        exit_unverifiable("La commande openssl est trop ancienne : il faut la version 3, ou le module cryptography.")
    return done.returncode == 0


def check_chain(attested):
    """Check the chain; return the number of lines, the problems, and the losses that it declares."""
    problems, candidates, place, confirmed, losses, agreeing, contradicting = [], [ZEROS], 0, 0, [], [], []
    with (HERE / "journal.jsonl").open("rb") as journal, (HERE / "empreintes.txt").open("rb") as digests:
        for raw in journal:
            place += 1
            number, _, kept = digests.readline().decode("ascii", "replace").strip().partition(" ")
            line = raw.rstrip(b"\n")
            computed = [hashlib.sha256(f"{each}\n".encode() + line).hexdigest() for each in candidates]
            fits = number == str(place) and kept in computed
            if not fits:
                problems.append(f"Place {place} : {line_reference(line)} et son empreinte ne s'accordent pas.")
            candidates = [kept] if fits else [kept, *computed]
            if fits:
                losses += parse_declared_loss(line, place, losses)
            for each in attested.pop(place, ()):
                if each["digest"] in candidates:
                    confirmed = place
                    agreeing.append(each)
                else:
                    said = f"Places {confirmed + 1} à {place} : ce n'est pas la chaîne qu'atteste le point de contrôle n° {each['number']}."
                    contradicting.append((each, said))
        if digests.readline():
            problems.append(f"Après la place {place} : des empreintes n'ont plus leur ligne.")
    for last in sorted(attested):
        for each in attested[last]:
            said = f"Places {place + 1} à {last} : le point de contrôle n° {each['number']} les atteste, et elles manquent."
            contradicting.append((each, said))
    return place, problems + undeclared_contradictions(losses, agreeing, contradicting), losses


def undeclared_contradictions(losses, agreeing, contradicting):
    """Return the contradictions that no declared loss covers; a loss begins after the last checkpoint that is confirmed."""
    for each in agreeing:
        for loss in (loss for loss in losses if loss_voids_checkpoint(loss, each)):
            loss["first"], loss["start"] = each["number"], each["lines"]
    return [said for each, said in contradicting if not any(loss_voids_checkpoint(loss, each) for loss in losses)]


def parse_declared_loss(line, place, before):
    """Return, in a list, the loss that a line declares; one that is worth nothing is none."""
    said = json.loads(line)
    match = DECLARATION.fullmatch(said.get("reason", "")) if said.get("act") == "loss-declared" else None
    if match is None:
        return []
    first, start, number, lines = map(int, match.groups()[:4])
    first = max([first, *(loss["number"] for loss in before)])
    if not first < number or not start < min(lines, place):
        return []
    return [{"place": place, "first": first, "start": start, "number": number, "lines": lines, "made": match[5]}]


def loss_voids_checkpoint(loss, checkpoint):
    """Tell whether a declared loss makes a checkpoint void."""
    numbered = loss["first"] < checkpoint["number"] <= loss["number"]
    return numbered and loss["start"] < checkpoint["lines"] <= loss["lines"] and checkpoint["made"] <= loss["made"]


def line_reference(line):
    """Return a line's number and date for a report."""
    try:
        said = json.loads(line)
        return f"la ligne {said['line']}, du {said.get('at', '?')}, dossier {said.get('case', '–')},"
    except (ValueError, KeyError, TypeError):
        return "une ligne qui manque ou ne se lit pas"


def check_csv_files():
    """Check that journal.csv agrees with the journal, and comptes.csv with both."""
    problems, sentences, offsets, place = [], {}, set(), 0
    counts, told = Counter(), Counter()
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
                if "agent" not in said:  # whose rows are counted under a sentence without that name
                    told[kind, row["quoi"]] += 1
        if journal.readline():
            problems.append("journal.csv s'arrête avant la fin de journal.jsonl.")
    for row in table_rows("comptes.csv"):
        kind = row["jour"], row["acte"], row["motif"]
        counts[kind] -= int(row["nombre"])
        told[kind, row["quoi"]] -= int(row["nombre"])
    wrong = {kind for kind, left in counts.items() if left} | {kind for (kind, _), left in told.items() if left > 0}
    for day in sorted({day for day, _, _ in wrong}):
        problems.append(f"comptes.csv, {day} : ce ne sont pas les comptes de journal.csv.")
    return problems


def table_rows(name):
    """Yield the rows of a table."""
    with (HERE / name).open(encoding="utf-8-sig", newline="") as table:
        yield from csv.DictReader(table, delimiter=";")


def is_same_moment(row, offsets):
    """Tell whether the readable date is the exact one in the zone of the rows before, which changes by an hour in summer."""
    if not row["date (UTC)"]:
        return not row["date"]
    try:
        read = datetime.strptime(row["date"] + "Z", "%d/%m/%Y %H:%M:%S%z")
    except ValueError:
        return False
    offsets.add(read - datetime.strptime(row["date (UTC)"][:19] + "Z", "%Y-%m-%dT%H:%M:%S%z"))
    return max(offsets) - min(offsets) <= timedelta(hours=1)


def has_same_author_and_sentence(sentences, row, said):
    """Tell whether a row has the author and the sentence of every row before it with the same act."""
    told = said.get("actor"), said.get("act"), said.get("reason"), said.get("agent")
    return sentences.setdefault(told, (row["qui"], row["quoi"])) == (row["qui"], row["quoi"])


def counted_reason(said):
    """Return the reason under which comptes.csv counts a line; a mail server's own words are none."""
    return csv_value(said.get("reason")) if said.get("act") in COUNTED_REASONS else ""


def csv_value(value):
    """Return a value as journal.csv has it, so that no value is taken for a formula."""
    text = "" if value is None else str(value)
    return f"'{text}" if text[:1] in ("=", "+", "-", "@", "\t", "\r") else text


def exit_unverifiable(why):
    """Exit because nothing can be verified."""
    print(why, file=sys.stderr)
    sys.exit(2)


def print_findings(problems, lines, key, inside, outside):
    """Print the findings and how far they reach."""
    print("Tout concorde." if not problems else "Quelque chose ne concorde pas.")
    for problem in problems[:SHOWN]:
        print(problem)
    if len(problems) > SHOWN:
        print(f"… et {len(problems) - SHOWN} autres.")
    print(f"{lines} lignes ; {len(inside)} points de contrôle exportés ; {len(outside)} venus du dehors.")
    print(f"Clé publique : {key}. Comparez-la à celle qui a été remise au bureau de vote.")
    if not outside:
        print("Pour prouver que rien n'a été refait avant l'export, donnez les messages reçus : verifier.py FICHIER…")


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except OSError as failure:
        exit_unverifiable(f"{Path(failure.filename or HERE).name} manque ou ne se lit pas : rien n'a été vérifié.")
    except (ValueError, KeyError, IndexError, TypeError, AttributeError, csv.Error):
        exit_unverifiable(
            "Un des fichiers n'est plus tel qu'il a été exporté, et ne se lit pas : rien n'a été vérifié."
        )
