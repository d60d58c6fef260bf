"""The history of the protected rows in the journal, to find rows that were deleted or put back from an older copy."""

import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, bindparam, select

from core.adapters.sql.tables import events, sessions
from core.ports import (
    LACKED_BY_PLATFORM,
    TO_CONFIRM,
    UNKNOWN_HERE,
    DeliveryStatus,
    ErasableKind,
    EventType,
    MessageKind,
)

BEGINS_EPOCH = {EventType.PASSWORD_CHOSEN, EventType.FROZEN, EventType.UNFROZEN}
OF_VOTERS = (
    *BEGINS_EPOCH,
    EventType.PASSWORD_REHASHED,
    EventType.LINK_DECIDED,
    EventType.CODE_ACCEPTED,
    EventType.REISSUE_CONFIRMED,
    EventType.IDENTIFIER_IN_FORCE,
    EventType.IDENTIFIER_LOST,
    EventType.REISSUE_GIVEN_UP,
    EventType.SMS_ACCEPTED,
    EventType.SMS_REPORTED,
    EventType.CALL_NEEDED,
)
RESERVES = {EventType.CODE_ACCEPTED, EventType.REISSUE_CONFIRMED}
ORDERS = RESERVES | {EventType.IDENTIFIER_IN_FORCE}
"""Events after which a re-issue of their case is stored."""
ARRIVED = f"{MessageKind.IDENTIFIER} {DeliveryStatus.DELIVERED}"
"""The reason of the report that an identifier has reached its voter."""
SENT = f"{MessageKind.IDENTIFIER} "
"""The beginning of the reason where a gateway took the SMS of an identifier; former versions named the gateway alone."""
OF_AGENTS = {EventType.AGENT_RENEWED, EventType.AGENT_REMOVED, EventType.AGENT_PASSWORD_CHOSEN}
VOTERS_TOLD = (
    select(events.c.voter, events.c.act, events.c.at, events.c.case, events.c.credential, events.c.reason)
    .where(
        events.c.voter > bindparam("after"),
        events.c.voter <= bindparam("last"),
        events.c.voter.is_not(None),
        events.c.act.in_([act.value for act in OF_VOTERS]),
    )
    .order_by(events.c.voter, events.c.id)
)
DIGEST = re.compile("[0-9a-f]{64}")
GENERATION = re.compile("[0-9]{1,9}")
FIRST = (0, None)
"""The identifier from before every re-issue."""
SESSIONS_CLOSED = select(events.c.credential).where(
    events.c.act == EventType.SIGNED_OUT.value, events.c.credential.is_not(None)
)
AGENTS_TOLD = (
    select(events.c.act, events.c.agent, events.c.reason, events.c.at)
    .where(
        events.c.act.in_(
            [act.value for act in (*OF_AGENTS, EventType.AGENT_ADDED, EventType.ROLL_IMPORTED, EventType.PURGED)]
        )
    )
    .order_by(events.c.id)
)
ROLL_TOLD = (
    select(events.c.credential)
    .where(events.c.act == EventType.ROLL_IMPORTED.value, events.c.credential.is_not(None))
    .order_by(events.c.id.desc())
    .limit(1)
)


@dataclass(slots=True)
class ReissueHistory:
    """The journal's history of a re-issue that was reserved."""

    generation: str | None = None
    reserved: int = 0
    """Number of its reservations: more than one if its row was deleted in between, none if somebody else ordered it."""
    over: bool = False
    """True if its SMS was sent, or it was lost or given up."""
    lost_free: bool = False
    """True if its slot was given back when the SMS was lost."""
    freed: bool = False
    """True if its slot was ever given back."""
    arrived_after_all: bool = False
    """True if the SMS arrived after that, so that the re-issue counts again."""
    withdrawn: bool = False
    """True if the voting platform lost it."""

    def add(self, act: str, reason: str) -> None:
        """Add the next event of its case."""
        match act:
            case EventType.CODE_ACCEPTED | EventType.REISSUE_CONFIRMED:
                self.reserved += 1
            case EventType.IDENTIFIER_IN_FORCE:
                self.generation = reason
            case EventType.SMS_ACCEPTED if reason.startswith(SENT):
                self.over = True
            case EventType.CALL_NEEDED if reason == UNKNOWN_HERE:
                self.reserved, self.over = self.reserved + 1, True
            case EventType.CALL_NEEDED if reason == LACKED_BY_PLATFORM:
                self.withdrawn = True
            case EventType.IDENTIFIER_LOST:
                self.over, self.lost_free = True, reason != "counted"
                self.freed = self.freed or self.lost_free
            case EventType.REISSUE_GIVEN_UP:
                self.over = self.freed = True
            case EventType.SMS_REPORTED if reason == ARRIVED and self.generation is not None:
                self.over, self.arrived_after_all = True, self.lost_free

    def is_consistent_with(self, row: Mapping[str, Any]) -> bool:
        """Return whether the row of that re-issue can be the latest one."""
        if self.reserved != 1 or (self.over and row["ended"] is None):
            return False
        if self.withdrawn:
            return row["generation"] is None
        if self.generation is not None and str(row["generation"]) != self.generation:
            return False
        return row["slot"] is not None or (self.freed and not self.arrived_after_all)


@dataclass(slots=True)
class VoterHistory:
    """The journal's history of a voter."""

    epochs: int = 0
    """The epochs that began by events; the roll's changes begin others."""
    frozen: bool | None = None
    """True if the account is frozen, False if it no longer is; None if it never was."""
    chosen: datetime | None = None
    """The time at which the present password was chosen; None without one."""
    credential: str | None = None
    """The digest of the present password, if the events hold digests."""
    reissued: dict[str, ReissueHistory] = field(default_factory=dict)
    """The reserved re-issues, by case."""
    in_force: tuple[int, str | None] = FIRST
    """The last generation that came into force, and the digest of the platform's account, if the events hold it."""
    may_be_later: bool = False
    """True if a re-issue was reserved since: the platform may have put it in force, even if it was given up here."""
    withdrawn: bool = False
    """True if the platform lost what came into force."""
    claims: set[str] = field(default_factory=set)
    """The digests of the numbers that were claimed, if the events hold them."""
    accepted: bool = False
    """True if a code was accepted, so that a number was claimed."""
    links: Counter[str] = field(default_factory=Counter)
    """Number of links that were mailed for each case."""
    readable: bool = True
    """False if a line about an identifier in force was not written by this product."""

    def add(self, act: str, at: datetime, case: str | None, credential: str | None, reason: str | None) -> None:
        """Add the next event."""
        self.epochs += act in BEGINS_EPOCH
        match act:
            case EventType.PASSWORD_CHOSEN:
                self.chosen, self.credential = at, credential
            case EventType.PASSWORD_REHASHED:
                self.credential = credential
            case EventType.FROZEN:
                self.frozen = True
            case EventType.UNFROZEN:
                self.frozen, self.chosen, self.credential = False, None, None
            case EventType.CODE_ACCEPTED:
                self.accepted = True
                self.claims |= set() if credential is None else {credential}
            case EventType.IDENTIFIER_IN_FORCE:
                self._put_in_force(case, credential, reason or "")
            case _:
                pass
        if case is None or (reason or "").endswith(TO_CONFIRM):
            return
        if act == EventType.LINK_DECIDED:
            self.links[case] += 1
        if act in ORDERS or reason == UNKNOWN_HERE or case in self.reissued:
            self.reissued.setdefault(case, ReissueHistory()).add(act, reason or "")
            self.may_be_later |= act in RESERVES or reason == UNKNOWN_HERE
            self.withdrawn |= act == EventType.CALL_NEEDED and reason == LACKED_BY_PLATFORM

    def _put_in_force(self, case: str | None, credential: str | None, reason: str) -> None:
        if case is None or not GENERATION.fullmatch(reason):
            self.readable = False
            return
        former, known = self.in_force
        self.in_force = int(reason), known if credential is None and former == int(reason) else credential
        self.may_be_later = self.withdrawn = False

    def allows_account(self, generation: int, digest: str) -> bool:
        """Return whether the embedded platform's account of that voter can have that generation and digest."""
        told, known = self.in_force
        if generation == told:
            return told == 0 or known in {None, digest}
        return self.withdrawn or (self.may_be_later and generation > told)

    def is_consistent_with(self, row: Mapping[str, Any], digest: str | None, *, purged: datetime | None) -> bool:
        """Return whether a row of that voter, whose credential has that digest, can be the latest one, given the last purge."""
        if row["epoch"] < self.epochs or not self.readable:
            return False
        if self.frozen is not None and self.frozen != (row["frozen"] is not None):
            return False
        if self.frozen is False and self.chosen is None:
            return row["password"] is None
        if self.chosen is not None and purged is not None and self.chosen <= purged:
            return row["password"] is None
        known = row["password_set"] == self.chosen if self.credential is None else digest == self.credential
        return self.chosen is None or bool(known)


@dataclass(frozen=True, slots=True)
class AgentAndPurgeHistory:
    """The journal's history of all agents and of purges."""

    epochs: Counter[str]
    """Number of times that each agent's epoch began anew."""
    added: frozenset[str]
    purged: Mapping[ErasableKind, datetime]
    """The kinds of data that were erased, and when last."""
    since_import: frozenset[ErasableKind]
    """The kinds that were erased after the last import of the roll."""


def voter_histories(connection: Connection, after: int, last: int) -> Mapping[int, VoterHistory]:
    """Read the events about voters of these numbers."""
    found: dict[int, VoterHistory] = defaultdict(VoterHistory)
    for voter, *event in connection.execute(VOTERS_TOLD, {"after": after, "last": last}):
        found[voter].add(*event)
    return found


def closed_sessions(connection: Connection, at_once: int) -> Iterator[int]:
    """Return the voter of every stored session that the journal knows as closed."""
    told = connection.execute(SESSIONS_CLOSED, execution_options={"yield_per": at_once}).scalars()
    for part in told.partitions():
        closed = [bytes.fromhex(digest) for digest in part if DIGEST.fullmatch(digest)]
        yield from connection.execute(select(sessions.c.voter).where(sessions.c.digest.in_(closed))).scalars()


def agent_history(connection: Connection) -> AgentAndPurgeHistory:
    """Read the events about agents and purges."""
    told = connection.execute(AGENTS_TOLD).all()
    purged: dict[ErasableKind, datetime] = {}
    since_import: set[ErasableKind] = set()
    for act, _, reason, at in told:
        if act == EventType.ROLL_IMPORTED:
            since_import.clear()
        for kind in _purged(reason or "") if act == EventType.PURGED else ():
            since_import.add(kind)
            purged[kind] = max(at, purged.get(kind, at))
    return AgentAndPurgeHistory(
        Counter(agent for act, agent, _, _ in told if act in OF_AGENTS),
        frozenset(agent for act, agent, _, _ in told if act == EventType.AGENT_ADDED),
        purged,
        frozenset(since_import),
    )


def roll_digest_in_journal(connection: Connection) -> str | None:
    """Return the digest of the roll after its last import; None without one, or if a former version imported it."""
    return connection.execute(ROLL_TOLD).scalar()


def _purged(reason: str) -> list[ErasableKind]:
    """Return what was erased, as `core.roll.personal_data_purge` writes it: "passwords 3, links 9"."""
    words = {part.split()[0] for part in reason.split(",") if part.strip()}
    return [kind for kind in ErasableKind if kind.value in words]
