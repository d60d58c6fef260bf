"""What the desk writes into the journal: each act, and each one refused (rule 12)."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

from core import errors
from core.ports import Act, Actor, Durability, Event
from core.service.desk.proofs import Duty
from core.service.tools import NOTED_WHERE_DECIDED, Tools


def event_of(
    duty: Duty, act: Act, at: datetime, *, voter: int | None = None, case: str | None = None, reason: str | None = None
) -> Event:
    """The line of an act of that agent."""
    return Event(at=at, actor=Actor.AGENT, act=act, agent=duty.name, voter=voter, case=case, reason=reason)


@contextmanager
def refusals_noted(tools: Tools, duty: Duty, *, voter: int | None = None, case: str | None = None) -> Iterator[None]:
    """An act refused within leaves its line, with the reason."""
    try:
        yield
    except errors.Refusal as refusal:
        if not isinstance(refusal, NOTED_WHERE_DECIDED):
            event = event_of(duty, Act.ACT_REFUSED, tools.clock.now(), voter=voter, case=case, reason=refusal.id)
            with tools.store.write(Durability.RELAXED) as transaction:
                transaction.journal.write(event)
        raise
