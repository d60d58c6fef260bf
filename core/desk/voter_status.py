"""The status line about a voter: obstacles, warnings and information."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from core.desk.actions import CHECK_PAUSED, may_act
from core.desk.authorisation import AgentSession, Authorisation, VerifiedCaller
from core.desk.incidents import IncidentBoard
from core.desk.verification import CallerVerification
from core.flows.dependencies import Dependencies
from core.flows.identifier.reissue_status import read_status
from core.flows.identifier.voter_limits import DAY, SendingLimits, identity_attempt_limit
from core.flows.incident_catalogue import BY_NAME
from core.flows.password.definition import SLUG
from core.flows.password.states import LinkSent, PasswordChanged
from core.forms import errors
from core.ports import Transaction, Voter
from core.text.faces import voter_status_texts as words
from core.text.faces.voter_status_texts import LinkState
from core.text.text import ShortMoment, Text, TimeOfDay

OPEN_FOR = timedelta(seconds=15)
"""How long a file counts as open after its status was read."""
PAUSES: Mapping[str, Text] = {
    errors.TooManyCallerTries.id: words.CALLER_PAUSE,
    errors.TooManyWrongCodes.id: words.CODE_PAUSE,
    errors.TooManyIdentityAttempts.id: words.IDENTITY_PAUSE,
    errors.VoterSmsLimitReached.id: words.SMS_PAUSE,
}


class StatusUrgency(StrEnum):
    STOPS = "stops"
    WARNS = "warns"
    INFORMS = "informs"


@dataclass(frozen=True, slots=True)
class StatusItem:
    sentence: Text
    urgency: StatusUrgency


@dataclass(frozen=True, slots=True, kw_only=True)
class StatusFacts:
    """Facts for the status line. Times are in the election's time zone."""

    now: datetime
    may_act: bool = True
    verified_until: datetime | None = None
    frozen: bool = False
    removed: bool = False
    link: tuple[LinkState, datetime] | None = None
    """State of the voter's latest recovery link, and the time of its use or expiry."""
    reissues_left: int
    reissues: int
    codes_left: int
    pauses: Mapping[str, datetime] = field(default_factory=dict)
    """For each refusal id, the time from which attempts are allowed again."""
    incidents: tuple[Text, ...] = ()
    colleagues: tuple[str, ...] = ()


def status_items(facts: StatusFacts) -> tuple[StatusItem, ...]:
    """Return the status items, most urgent first."""
    order = list(StatusUrgency)
    return tuple(sorted((*_stops_and_people(facts), *_link_and_limits(facts)), key=lambda it: order.index(it.urgency)))


def why_not_verify(facts: StatusFacts) -> Text | None:
    """Return why no caller can be verified now, or None."""
    pause = facts.pauses.get(errors.TooManyCallerTries.id)
    return None if pause is None else CHECK_PAUSED.fill({"again_at": TimeOfDay(pause)})


def _stops_and_people(facts: StatusFacts) -> Iterator[StatusItem]:
    stops, warns, informs = StatusUrgency
    for stopped, sentence in ((facts.removed, words.REMOVED), (facts.frozen, words.FROZEN)):
        if stopped:
            yield StatusItem(sentence, stops)
    for refusal, until in facts.pauses.items():
        yield StatusItem(PAUSES[refusal].fill({"until": _when(until, facts.now)}), stops)
    for colleague in facts.colleagues:
        yield StatusItem(words.ALSO_OPEN.fill({"agent": colleague}), warns)
    if facts.verified_until is not None:
        yield StatusItem(words.VERIFIED.fill({"until": TimeOfDay(facts.verified_until)}), informs)
    elif facts.may_act:
        yield StatusItem(words.NOT_VERIFIED, informs)


def _link_and_limits(facts: StatusFacts) -> Iterator[StatusItem]:
    stops, warns, informs = StatusUrgency
    if facts.link is not None:
        state, at = facts.link
        stopped = state in {LinkState.EXPIRED, LinkState.CANCELLED} and facts.now < at + DAY
        yield StatusItem(state.sentence.fill({"at": _when(at, facts.now)}), stops if stopped else informs)
    reissues = words.REISSUES_LEFT.fill({"count": facts.reissues_left, "most": facts.reissues})
    yield StatusItem(reissues, informs if facts.reissues_left else stops)
    for title in facts.incidents:
        yield StatusItem(words.INCIDENT.fill({"title": title}), stops)
    if errors.TooManyWrongCodes.id not in facts.pauses:
        yield StatusItem(words.CODES_LEFT.for_count(facts.codes_left), warns if facts.codes_left == 1 else informs)


def _when(at: datetime, now: datetime) -> Text:
    if at.date() == now.date():
        return words.AT_TIME.fill({"at": TimeOfDay(at)})
    return words.ON_DAY.fill({"at": ShortMoment(at)})


@dataclass(eq=False)
class VoterStatusReader:
    dependencies: Dependencies
    authorisation: Authorisation
    verification: CallerVerification
    incidents: IncidentBoard
    _open_files: dict[str, tuple[str, int, datetime]] = field(default_factory=dict, init=False)
    """For each session id, the agent, the voter and the time when the status was last read."""

    def read(
        self, transaction: Transaction, session: AgentSession, voter: Voter, caller: VerifiedCaller | None
    ) -> StatusFacts:
        """Return the facts about a voter, and note that the file is open."""
        rules, now, local = self.dependencies, self.dependencies.clock.now(), self.dependencies.calendar.to_local
        codes = read_status(rules, transaction, voter.id, now)
        identity = read_status(rules, transaction, voter.id, now, identity_attempt_limit(rules.vault, rules.policy))
        sendings = transaction.code_sendings.of_voter(voter.id, now - DAY)
        # Limits of one phone number do not apply here, because the voter may give another number.
        refused_sms = SendingLimits(rules.policy, rules.calendar).refusal(sendings, b"", now)
        ends = (
            self.verification.paused_until(transaction, voter.id, now),
            codes.attempts.paused_until,
            identity.attempts.refused_until,
            None if refused_sms is None else refused_sms.until,
        )
        is_verified = caller is not None and self.authorisation.is_caller_still_verified(session, caller)
        running = self.incidents.incidents_of_voter(transaction, voter, waits_for_sms=True)
        return StatusFacts(
            now=local(now),
            may_act=may_act(session),
            verified_until=local(caller.until) if caller is not None and is_verified else None,
            frozen=voter.frozen is not None,
            removed=voter.removed is not None,
            link=self._latest_link(transaction, voter, now),
            reissues_left=codes.allowance.reissues_left,
            reissues=codes.max_reissues,
            codes_left=codes.attempts.left,
            pauses={refusal: local(end) for refusal, end in zip(PAUSES, ends, strict=True) if end is not None},
            incidents=tuple(BY_NAME[each.incident.sentence].title for each in running),
            colleagues=self._colleagues(session, voter.id, now),
        )

    def _latest_link(self, transaction: Transaction, voter: Voter, now: datetime) -> tuple[LinkState, datetime] | None:
        case, local = transaction.recoveries.latest(voter.id, SLUG), self.dependencies.calendar.to_local
        match None if case is None else case.state:
            case PasswordChanged(at=at):
                return LinkState.USED, local(at)
            case LinkSent(links=links, epoch=epoch):
                expires = links[-1].expires
                works = epoch == voter.epoch and voter.frozen is None
                state = LinkState.EXPIRED if now >= expires else LinkState.VALID if works else LinkState.CANCELLED
                return state, local(expires)
            case _:
                return None

    def _colleagues(self, session: AgentSession, voter: int, now: datetime) -> tuple[str, ...]:
        self._open_files[session.id] = session.name, voter, now
        reading = {agent for agent, file in self.open_files(now).items() if file == voter}
        return tuple(sorted(reading - {session.name}))

    def open_files(self, now: datetime) -> dict[str, int]:
        """Return which voter's file each agent has open."""
        return {name: voter for name, voter, at in list(self._open_files.values()) if now < at + OPEN_FOR}
