"""Reads the history of protected rows from the journal."""

import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, bindparam, select

from core.adapters.sql.tables import events, sessions
from core.adapters.sql.voter_history import BEGINS_EPOCH, VoterStateFromJournal
from core.ports import ErasableDataKind, EventType

OF_VOTERS = (
    *BEGINS_EPOCH,
    EventType.PASSWORD_REHASHED,
    EventType.LINK_DECIDED,
    EventType.CODE_ACCEPTED,
    EventType.REISSUE_CONFIRMED,
    EventType.IDENTIFIER_IN_FORCE,
    EventType.IDENTIFIER_LOST,
    EventType.IDENTIFIER_REVOKED,
    EventType.PLATFORM_TOLD,
    EventType.REISSUE_GIVEN_UP,
    EventType.SMS_ACCEPTED,
    EventType.SMS_REPORTED,
    EventType.CALL_NEEDED,
)
OF_AGENTS = {EventType.AGENT_RENEWED, EventType.AGENT_REMOVED, EventType.AGENT_PASSWORD_CHOSEN}
GIVES_ROLE = {EventType.AGENT_ADDED, EventType.AGENT_RENEWED}
EVENTS_OF_VOTERS = (
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
SESSIONS_CLOSED = select(events.c.credential).where(
    events.c.act == EventType.SIGNED_OUT.value, events.c.credential.is_not(None)
)
EVENTS_OF_AGENTS = (
    select(events.c.act, events.c.agent, events.c.reason, events.c.at)
    .where(
        events.c.act.in_(
            [act.value for act in (*OF_AGENTS, EventType.AGENT_ADDED, EventType.ROLL_IMPORTED, EventType.PURGED)]
        )
    )
    .order_by(events.c.id)
)
LAST_ROLL_DIGEST = (
    select(events.c.credential)
    .where(events.c.act == EventType.ROLL_IMPORTED.value, events.c.credential.is_not(None))
    .order_by(events.c.id.desc())
    .limit(1)
)


@dataclass(frozen=True, slots=True)
class AgentAndPurgeHistory:
    epochs: Counter[str]
    roles: Mapping[str, str | None]
    removed: frozenset[str]
    purged: Mapping[ErasableDataKind, datetime]
    since_import: frozenset[ErasableDataKind]

    def allows_agent(self, row: Mapping[str, Any]) -> bool:
        name = row["name"]
        agrees = (row["role"], row["removed"] is not None) == (self.roles.get(name), name in self.removed)
        return agrees and row["epoch"] >= self.epochs[name]


def voter_histories(connection: Connection, after: int, last: int) -> Mapping[int, VoterStateFromJournal]:
    found: dict[int, VoterStateFromJournal] = defaultdict(VoterStateFromJournal)
    for voter, *event in connection.execute(EVENTS_OF_VOTERS, {"after": after, "last": last}):
        found[voter].add(*event)
    return found


def voters_of_stored_closed_sessions(connection: Connection, at_once: int) -> Iterator[int]:
    """Yield the voter of each stored session that is closed according to the journal."""
    digests = connection.execute(SESSIONS_CLOSED, execution_options={"yield_per": at_once}).scalars()
    for part in digests.partitions():
        closed = [bytes.fromhex(digest) for digest in part if DIGEST.fullmatch(digest)]
        yield from connection.execute(select(sessions.c.voter).where(sessions.c.digest.in_(closed))).scalars()


def agent_history(connection: Connection) -> AgentAndPurgeHistory:
    lines = connection.execute(EVENTS_OF_AGENTS).all()
    roles: dict[str, str | None] = {}
    removed: set[str] = set()
    purged: dict[ErasableDataKind, datetime] = {}
    since_import: set[ErasableDataKind] = set()
    for act, agent, reason, at in lines:
        if act in GIVES_ROLE:
            roles[agent] = reason
        if act in {*GIVES_ROLE, EventType.AGENT_REMOVED}:
            (removed.add if act == EventType.AGENT_REMOVED else removed.discard)(agent)
        if act == EventType.ROLL_IMPORTED:
            since_import.clear()
        if act == EventType.PURGED:  # as `core.roll.personal_data_purge` writes it: "passwords 3, links 9"
            words = {part.split()[0] for part in (reason or "").split(",") if part.strip()}
            for kind in (kind for kind in ErasableDataKind if kind.value in words):
                since_import.add(kind)
                purged[kind] = max(at, purged.get(kind, at))
    return AgentAndPurgeHistory(
        Counter(agent for act, agent, _, _ in lines if act in OF_AGENTS),
        roles,
        frozenset(removed),
        purged,
        frozenset(since_import),
    )


def roll_digest_in_journal(connection: Connection) -> str | None:
    return connection.execute(LAST_ROLL_DIGEST).scalar()
