"""Finds and explains the refusal page that a voter is looking at."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from core.desk.error_lookup import ExplainedError
from core.desk.steps import sentence_filler
from core.desk.voter_status import StatusFacts
from core.forms import errors
from core.forms.errors import DeskRefusal, Refusal, error_classes_by_id
from core.ports import REFUSALS, Actor, Event, EventType, RecordedEvent
from core.text.faces.voter_status_texts import LinkState
from core.text.text import Moment, TimeOfDay

DESK_ACTS_AFTER_REFUSAL = {EventType.ASKED, EventType.FROZEN, EventType.UNFROZEN}
"""If an agent did one of these, the voter's earlier refusal no longer matters."""
LINK_TIMES = {LinkState.EXPIRED: "expired_at", LinkState.USED: "chosen_at"}


def refusal_in_front_of_voter(history: Sequence[RecordedEvent], now: datetime, within: timedelta) -> Event | None:
    """Return the latest event if it is a refusal that the voter still sees."""
    acts = (
        each.event
        for each in reversed(history)
        if each.event.actor is Actor.VOTER
        or (each.event.actor is Actor.AGENT and each.event.act in DESK_ACTS_AFTER_REFUSAL)
    )
    last = next(acts, None)
    if last is None or last.act not in REFUSALS or now >= last.at + within:
        return None
    known = error_classes_by_id(Refusal).get(last.reason or "")
    return None if known is None or issubclass(known, DeskRefusal) else last


def explain_refusal(
    refusal_id: str, facts: StatusFacts, known: Mapping[str, object], *, is_page: bool
) -> ExplainedError:
    """Return a refusal with values filled into its sentences."""
    refusal = error_classes_by_id(Refusal)[refusal_id]
    kept = errors.requests_kept_sentence(facts.reissues_left)
    values: dict[str, object] = {**known, "most": facts.reissues, "kept": kept}
    if (until := facts.pauses.get(refusal_id)) is not None:
        values |= {"again_at": TimeOfDay(until), "resumes_at": Moment(until)}
    if facts.link is not None and (name := LINK_TIMES.get(facts.link[0])) is not None:
        values[name] = Moment(facts.link[1])
    fill = sentence_filler(values)
    return ExplainedError(
        id=refusal_id,
        sentence=fill(refusal.title),
        cause=refusal.cause,
        remedies=tuple(map(fill, refusal.remedy)),
        is_page=is_page,
        steps=(),
        agent=refusal.agent,
    )
