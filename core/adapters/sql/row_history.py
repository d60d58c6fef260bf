"""The journal's history of the protected rows, used to detect rows that were deleted or restored from an older copy."""

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
    EventType.REISSUE_GIVEN_UP,
    EventType.SMS_ACCEPTED,
    EventType.SMS_REPORTED,
    EventType.CALL_NEEDED,
)
OF_AGENTS = {EventType.AGENT_RENEWED, EventType.AGENT_REMOVED, EventType.AGENT_PASSWORD_CHOSEN}
GIVES_ROLE = {EventType.AGENT_ADDED, EventType.AGENT_RENEWED}
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


@dataclass(frozen=True, slots=True)
class AgentAndPurgeHistory:
    """The journal's history of all agents and of purges."""

    epochs: Counter[str]
    """How many new epochs each agent has begun."""
    roles: Mapping[str, str | None]
    """The last role given to each agent."""
    removed: frozenset[str]
    """The agents who are removed."""
    purged: Mapping[ErasableDataKind, datetime]
    """The erased kinds of data, with the time of the last purge."""
    since_import: frozenset[ErasableDataKind]
    """The kinds erased after the last import of the roll."""

    def allows_agent(self, row: Mapping[str, Any]) -> bool:
        """Return whether an agent's row can be the latest one."""
        name = row["name"]
        stands = (row["role"], row["removed"] is not None) == (self.roles.get(name), name in self.removed)
        return stands and row["epoch"] >= self.epochs[name]


def voter_histories(connection: Connection, after: int, last: int) -> Mapping[int, VoterStateFromJournal]:
    found: dict[int, VoterStateFromJournal] = defaultdict(VoterStateFromJournal)
    for voter, *event in connection.execute(VOTERS_TOLD, {"after": after, "last": last}):
        found[voter].add(*event)
    return found


def voters_of_stored_closed_sessions(connection: Connection, at_once: int) -> Iterator[int]:
    """Yield the voter of each stored session that the journal records as closed."""
    told = connection.execute(SESSIONS_CLOSED, execution_options={"yield_per": at_once}).scalars()
    for part in told.partitions():
        closed = [bytes.fromhex(digest) for digest in part if DIGEST.fullmatch(digest)]
        yield from connection.execute(select(sessions.c.voter).where(sessions.c.digest.in_(closed))).scalars()


def agent_history(connection: Connection) -> AgentAndPurgeHistory:
    told = connection.execute(AGENTS_TOLD).all()
    roles: dict[str, str | None] = {}
    removed: set[str] = set()
    purged: dict[ErasableDataKind, datetime] = {}
    since_import: set[ErasableDataKind] = set()
    for act, agent, reason, at in told:
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
        Counter(agent for act, agent, _, _ in told if act in OF_AGENTS),
        roles,
        frozenset(removed),
        purged,
        frozenset(since_import),
    )


def roll_digest_in_journal(connection: Connection) -> str | None:
    """Return the digest of the roll after its last import, or None if there was none."""
    return connection.execute(ROLL_TOLD).scalar()
