"""Exports the journal as tables and as independently verifiable files."""

import csv
from collections import Counter
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import datetime
from importlib.resources import files
from pathlib import Path
from textwrap import fill
from typing import TextIO

from core.adapters.event_signing import program_keys_file
from core.journal import checkpoints, hash_chain
from core.journal.verifier import PublicKeys, public_key_pem
from core.ports import REASONED, JournalChain, JournalLine, JournalLineSeal
from core.text.faces import journal_export_sentences as words
from core.text.faces.timeline_sentences import TimelineTexts
from core.text.safe_text import safe_text
from core.text.text import Text

README, SCRIPT = "LISEZMOI.txt", "verifier.py"
COLUMNS = 90
STEP = 1_000
HEADINGS = ("place", "ligne", "date", "date (UTC)", "qui", "quoi", "dossier", "électeur", "agent", "acte", "motif")
COUNT_HEADINGS = ("jour", "voie", "quoi", "acte", "motif", "nombre")
FORMULA = ("=", "+", "-", "@", "\t", "\r")
"""Characters that start a formula in spreadsheets (OWASP, CSV injection)."""
CHANNELS_OF = ("mail", "sms")
Kind = tuple[str, str, str, str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class BoardLanguageAndClock:
    say: Callable[[Text], str]
    local: Callable[[datetime], datetime]
    timeline: TimelineTexts
    facts: Mapping[str, object]


def export_journal(
    folder: Path,
    chain: JournalChain,
    board: BoardLanguageAndClock,
    keys: PublicKeys,
    progress: Callable[[int], None],
) -> int:
    """Export the journal to an empty folder. Returns the number of lines. Raises OSError."""
    kept = chain.checkpoints()
    with (folder / "points-de-controle.txt").open("w", encoding="utf-8") as file:
        file.write("\n\n".join("\n".join(checkpoints.checkpoint_lines(each)) for each in kept) + "\n")
    lines = _write_lines(folder, chain, board, progress)
    (folder / "cle-publique.pem").write_text(public_key_pem(keys.checkpoints), "ascii")
    (folder / "cles-des-programmes.txt").write_bytes(program_keys_file(keys.programs or {}))
    (folder / SCRIPT).write_bytes((files("core.journal") / SCRIPT).read_bytes())
    facts = {**board.facts, "lines": lines, "checkpoints": len(kept), "key": keys.checkpoints.hex()}
    paragraphs = (fill(board.say(each.fill(facts)), COLUMNS, break_long_words=False) for each in words.README)
    (folder / README).write_text("\n\n".join(paragraphs) + "\n", "utf-8")
    return lines


def _write_lines(
    folder: Path, chain: JournalChain, board: BoardLanguageAndClock, progress: Callable[[int], None]
) -> int:
    counts, place = Counter[Kind](), 0
    with ExitStack() as stack:
        journal = stack.enter_context((folder / "journal.jsonl").open("wb"))
        digests = stack.enter_context((folder / "empreintes.txt").open("w", encoding="ascii"))
        table = csv.writer(stack.enter_context(_table(folder / "journal.csv")), delimiter=";")
        table.writerow(HEADINGS)
        for seal, line in chain.seals():
            place = seal.position
            journal.write((b"null" if line is None else hash_chain.canonical_line_bytes(line)) + b"\n")
            digests.write(f"{place} {seal.digest.hex()}\n")
            table.writerow(_row(seal, line, board))
            if line is not None:
                counts[_kind(line, board)] += 1
            if not place % STEP:
                progress(STEP)
    with _table(folder / "comptes.csv") as file:
        table = csv.writer(file, delimiter=";")
        table.writerow(COUNT_HEADINGS)
        table.writerows((*map(_shown, kind), count) for kind, count in sorted(counts.items()))
    return place


def _table(path: Path) -> TextIO:
    return path.open("w", encoding="utf-8-sig", newline="")


def _row(seal: JournalLineSeal, line: JournalLine | None, board: BoardLanguageAndClock) -> list[str]:
    columns = {} if line is None else line.columns
    at = columns.get("at")
    local = board.local(at).strftime("%d/%m/%Y %H:%M:%S") if isinstance(at, datetime) else ""
    exact = at.isoformat().replace("+00:00", "Z") if isinstance(at, datetime) else ""
    who = board.say(words.WHO[str(columns["actor"])]) if columns.get("actor") in words.WHO else ""
    names = ("case", "voter", "agent", "act", "reason")
    number = "" if line is None else line.number
    cells = (seal.position, number, local, exact, who, _sentence(columns, board), *map(columns.get, names))
    return list(map(_shown, cells))


def _kind(line: JournalLine, board: BoardLanguageAndClock) -> Kind:
    at, act = line.columns.get("at"), str(line.columns.get("act") or "")
    day = board.local(at).date().isoformat() if isinstance(at, datetime) else ""
    carried = act.partition("-")[0]
    way = carried if carried in CHANNELS_OF else str(line.columns.get("actor"))
    channel = words.CHANNELS.get(way)
    reason = str(line.columns.get("reason") or "") if act in REASONED else ""
    anonymous = {**line.columns, "agent": None}
    return day, "" if channel is None else board.say(channel), _sentence(anonymous, board), act, reason


def _sentence(columns: Mapping[str, object], board: BoardLanguageAndClock) -> str:
    act, reason, agent = columns.get("act"), columns.get("reason"), columns.get("agent")
    if not isinstance(act, str) or act not in board.timeline.events:
        return str(act or "")
    names = [each if isinstance(each, str) else None for each in (reason, agent)]
    return board.say(board.timeline.line(act, *names).sentence)


def _shown(value: object) -> str:
    """Escape a cell that spreadsheets would read as a formula."""
    text = "" if value is None else safe_text(str(value))
    return f"'{text}" if text.startswith(FORMULA) else text
