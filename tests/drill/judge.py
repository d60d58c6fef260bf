"""Compares what the pages told the voters with the database, the mailbox, the telephones and the voting platform."""

import http.client
import os
import subprocess
import time
from collections import Counter
from collections.abc import Container, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from core.security import tokens
from demo.telephones import SmsStatus
from tests.conformance.html_page import HtmlPage
from tests.drill.play import Drill
from tests.drill.record import Act, Attempt, Told
from tests.drill.service import BOARD
from tests.drill.voters import MOST_IDENTIFIERS, NOT_NOW, DrilledVoter
from tests.support.product import RETROUVE, Installation, eventually
from tests.support.product.site import IDENTIFIER

DECIDED = "SELECT DISTINCT \"case\" FROM events WHERE act = 'link-decided' AND voter = ?"
VOTERS = "SELECT email, id, epoch FROM voters"
CHOSEN = 'SELECT "case", voter, count(*) FROM events WHERE act = \'password-chosen\' GROUP BY "case", voter'
USED_LINKS = "SELECT digest FROM links WHERE used IS NOT NULL"
USED = 'SELECT "case", count(used) FROM links GROUP BY "case" HAVING count(used) > 0'
MOST_RUNS, SECONDS_BETWEEN_RUNS = 5, 5
REISSUES = 'SELECT voter, "case", slot, generation, ended FROM reissues ORDER BY voter, generation'


@dataclass
class Verdict:
    """The findings of the judge, each with its reason."""

    lost: list[str] = field(default_factory=list)
    """Actions that a page reported as done, but that were not done."""
    denied: list[str] = field(default_factory=list)
    """Actions that a page reported as not done, but that were done."""
    refused: list[str] = field(default_factory=list)
    """Requests for links, and uses of new links, that were refused without a reason."""
    doubled: list[str] = field(default_factory=list)
    broken_rules: list[str] = field(default_factory=list)
    disagreements: list[str] = field(default_factory=list)
    """Errors of the commands that compare the journal with the checkpoints, and the platform with the database."""


def judge(drill: Drill) -> Verdict:
    """Check every action of every voter."""
    found = Verdict()
    ids = {email: (number, epoch) for email, number, epoch in drill.service.rows(VOTERS)}
    used = {bytes(link) for (link,) in drill.service.rows(USED_LINKS)}
    for person in drill.people:
        number, epoch = ids[person.voter.email]
        _judge_asks(drill, person, number, found)
        _judge_passwords(drill, person, epoch - (person.session is not None), used, found)
    _judge_links(drill, found)
    _judge_identifiers(drill, {email: number for email, (number, _) in ids.items()}, found)
    _judge_journal(drill, found)
    return found


# ── The forgotten password ───────────────────────────────────────────────────────────────────────────────


def _judge_asks(drill: Drill, person: DrilledVoter, number: int, found: Verdict) -> None:
    name, asks = person.voter.email, drill.record.of(person.voter.email, Act.ASK)
    decided = {case for (case,) in drill.service.rows(DECIDED, number)}
    done = {each.case for each in asks if each.told is Told.DONE}
    mails = len({mail.message_id for mail in drill.service.hosts[0].links(person.voter)})
    found.lost += [f"{name}: the ask {case} was not decided" for case in done - decided]
    found.refused += [f"{name}: an ask, {each.refusal} at {each.step}" for each in asks if each.told is Told.REFUSED]
    if len(decided - done) > sum(each.told is Told.UNKNOWN for each in asks):
        found.denied.append(f"{name}: {decided} decided, {[(each.case, each.told) for each in asks]} told")
    if mails != len(decided):
        found.lost.append(f"{name}: {len(decided)} links decided, {mails} mailed")


def _judge_passwords(drill: Drill, person: DrilledVoter, epoch: int, used: Container[bytes], found: Verdict) -> None:
    name, attempts = person.voter.email, drill.record.of(person.voter.email, Act.CHOOSE)
    if epoch != _judge_uses(name, attempts, used, found):
        found.doubled.append(f"{name}: {epoch} passwords in the database, of {_words(attempts)}")
    if not epoch:
        return
    possible = _possible(attempts)
    works = next(
        (each for each in [*possible, *reversed(attempts)] if each.typed and _signs_in(drill, person, each)), None
    )
    if works is None:
        found.lost.append(f"{name}: no password works of {_words(attempts)}")
    elif works.told is Told.NOT_DONE:
        found.denied.append(f"{name}: {works.typed} works of {_words(attempts)}")
    elif works not in possible:
        found.lost.append(f"{name}: {works.typed} works and no later one of {_words(attempts)}")


def _judge_uses(name: str, attempts: list[Attempt], used: Container[bytes], found: Verdict) -> int:
    """Check each link of a voter, and return how many links were used."""
    by_link: dict[str, set[Told]] = {}
    for each in attempts:
        by_link.setdefault(each.about, set()).add(each.told)
    is_used = {link: tokens.digest(link) in used for link in by_link}
    for link, told in by_link.items():
        if Told.DONE in told and not is_used[link]:
            found.lost.append(f"{name}: link {link[:6]}… was not used, of {_words(attempts)}")
        if is_used[link] and not told & {Told.DONE, Told.UNKNOWN}:
            found.denied.append(f"{name}: link {link[:6]}… was used, of {_words(attempts)}")
        if not is_used[link] and Told.REFUSED in told and not told & {Told.DONE, Told.UNKNOWN}:
            found.refused.append(f"{name}: link {link[:6]}…, of {_words(attempts)}")
    return sum(is_used.values())


def _possible(attempts: list[Attempt]) -> list[Attempt]:
    """Return the attempts whose password may be in force.

    They are the last attempt that was confirmed, and all later attempts whose result is unknown.
    """
    possible: list[Attempt] = []
    for each in attempts:
        if each.told is Told.DONE:
            possible = [each]
        elif each.told is Told.UNKNOWN:
            possible.append(each)
    return possible


def _signs_in(drill: Drill, person: DrilledVoter, attempt: Attempt) -> bool:
    """Return whether a password signs in. Tries again while the site is unavailable."""

    def answered() -> HtmlPage | None:
        with suppress(OSError, http.client.HTTPException):
            page = drill.service.hosts[0].browser().sign_in(person.voter.email, attempt.typed)
            return None if page.status == NOT_NOW else page
        return None

    page = eventually(answered, "an answer to a password")
    assert page.status in {200, 422}, f"{page.status} {page.refusal}"
    return page.step == "EV-1"


def _judge_links(drill: Drill, found: Verdict) -> None:
    used = dict(drill.service.rows(USED))
    chosen = {case: count for case, _, count in drill.service.rows(CHOSEN)}
    if chosen != used:
        found.doubled.append(f"passwords chosen and links used differ: {set(chosen.items()) ^ set(used.items())}")
    told = Counter(each.about for each in drill.record.attempts if (each.act, each.told) == (Act.CHOOSE, Told.DONE))
    found.doubled += [
        f"link {link[:6]}… was told to be used {times} times" for link, times in told.items() if times > 1
    ]


# ── The identifier ───────────────────────────────────────────────────────────────────────────────────────


def _judge_identifiers(drill: Drill, ids: dict[str, int], found: Verdict) -> None:
    rows = drill.service.rows(REISSUES)
    by_case = {case: generation for _, case, _, generation, _ in rows}
    told: dict[str, set[Told]] = {}
    numbers: dict[str, str] = {}
    may_be_done = set[str]()
    for person in drill.people:
        for each in drill.record.of(person.voter.email, Act.CODE):
            told.setdefault(each.about, set()).add(each.told)
            numbers[each.about] = person.number
            if each.told is Told.UNKNOWN or each.about in person.answered_by_sms:
                may_be_done.add(each.about)
            elif each.told is Told.DONE and not each.typed and each.about not in may_be_done:
                found.denied.append(f"{each.about}: found done after it was told not to be")
    for case, answers in told.items():
        if Told.DONE in answers and by_case.get(case) is None:
            found.lost.append(f"{case}: an identifier was told to be on its way")
        if case in by_case and not answers & {Told.DONE, Told.UNKNOWN}:
            found.denied.append(f"{case}: an identifier was sent, told {answers}")
    _judge_slots(rows, found)
    _judge_telephones(drill, rows, numbers, ids, found)


def _judge_slots(rows: list[tuple[Any, ...]], found: Verdict) -> None:
    by_voter: dict[int, list[tuple[Any, ...]]] = {}
    for row in rows:
        by_voter.setdefault(row[0], []).append(row)
    for voter, its in by_voter.items():
        if len(its) > MOST_IDENTIFIERS or len({slot for _, _, slot, _, _ in its}) < len(its):
            found.broken_rules.append(f"voter {voter}: slots of {its}")
        if [generation for *_, generation, _ in its] != list(range(1, len(its) + 1)) or not all(row[-1] for row in its):
            found.doubled.append(f"voter {voter}: generations of {its}")


def _judge_telephones(
    drill: Drill, rows: list[tuple[Any, ...]], numbers: dict[str, str], ids: dict[str, int], found: Verdict
) -> None:
    owners: dict[str, set[int]] = {}
    wanted: Counter[str] = Counter()
    for voter, case, *_ in rows:
        if case not in numbers:
            found.denied.append(f"{case}: an identifier was sent, and no code was typed")
            continue
        owners.setdefault(numbers[case], set()).add(voter)
        wanted[numbers[case]] += 1
    for number, its in owners.items():
        if len(its) > 1:
            found.broken_rules.append(f"{number} got identifiers of {len(its)} voters")
    users: dict[str, list[DrilledVoter]] = {}
    for person in drill.people:
        users.setdefault(person.number, []).append(person)
    for number, people in users.items():
        texts = drill.service.hosts[0].texts(number)
        arrived = {
            match[0] for text in texts if text.status is not SmsStatus.REPLY and (match := IDENTIFIER.search(text.text))
        }
        if len(arrived) != wanted[number]:
            (found.lost if len(arrived) < wanted[number] else found.doubled).append(
                f"{number} got {len(arrived)} identifiers instead of {wanted[number]}"
            )
        voting = [ids[person.voter.email] for person in people for each in arrived if _votes(drill, person, each)]
        if voting != list(owners.get(number, ())):
            found.lost.append(f"{number}: identifiers vote for {voting}, of {len(arrived)} that arrived")


def _votes(drill: Drill, person: DrilledVoter, identifier: str) -> bool:
    return drill.service.insist(lambda: drill.service.inside.votes(person.voter, identifier))


# ── The journal and the platform ─────────────────────────────────────────────────────────────────────────


def _judge_journal(drill: Drill, found: Verdict) -> None:
    host = drill.service.hosts[0]
    mails = host.folder / "board"
    mails.mkdir()
    files: list[str | Path] = []
    for mail in host.mails(BOARD):
        files += ["--checkpoint", mails / f"{mail.id}.txt"]
        Path(files[-1]).write_text(mail.part("plain"), "utf-8")
    if not files and "RETROUVE_BOARD__EMAIL" in host.variables:
        found.disagreements.append("no checkpoint was mailed")
    for command in (("journal", "verify", *files), ("platform", "reconcile")):
        if told := _complaint(host, command):
            found.disagreements.append(f"{command[0]} {command[1]}: {told}")


def _complaint(host: Installation, command: Sequence[str | Path]) -> str:
    """Return the error message of a command. If the database does not answer, run the command again."""
    for run_number in range(1, MOST_RUNS + 1):
        # A separate process is needed, because this one is in no network of the drill.
        run = subprocess.run(
            [*RETROUVE, *command, "--dir", host.folder],
            env={**os.environ, **host.variables},
            check=False,
            capture_output=True,
            text=True,
        )
        if run.returncode != os.EX_TEMPFAIL or run_number == MOST_RUNS:
            break
        time.sleep(SECONDS_BETWEEN_RUNS)
    return "" if run.returncode == 0 else run.stdout + run.stderr


def _words(attempts: list[Attempt]) -> str:
    return ", ".join(f"{each.typed} {each.told}" for each in attempts)
