"""The status line about a voter: what stops the caller, and what is still possible. The most urgent item comes first."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from core.desk.actions import AGAIN_FROM, may_act
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
from core.text.text import Day, Text, TimeOfDay

OPEN_FOR = timedelta(seconds=15)
"""How long a file counts as open after a terminal last read its status. Terminals read it every three seconds."""


class StatusUrgency(StrEnum):
    STOPS = "stops"
    WARNS = "warns"
    INFORMS = "informs"


class LinkState(StrEnum):
    VALID = "valid"
    USED = "used"
    EXPIRED = "expired"
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True)
class StatusItem:
    sentence: Text
    urgency: StatusUrgency


@dataclass(frozen=True, slots=True, kw_only=True)
class StatusFacts:
    """What the status line is made of. All times are in the election's time zone."""

    now: datetime
    may_act: bool = True
    verified_until: datetime | None = None
    frozen: bool = False
    removed: bool = False
    link: tuple[LinkState, datetime] | None = None
    """The state of the latest recovery link, and when it ends or ended."""
    reissues_left: int
    reissues: int
    codes_left: int
    caller_pause: datetime | None = None
    identity_pause: datetime | None = None
    code_pause: datetime | None = None
    sms_pause: datetime | None = None
    incidents: tuple[Text, ...] = ()
    colleagues: tuple[str, ...] = ()


def status_items(facts: StatusFacts) -> tuple[StatusItem, ...]:
    """Return the items of the status line. What stops the caller comes first."""
    order = list(StatusUrgency)
    items = (*_blocks_and_pauses(facts), *_people(facts), *_link_and_limits(facts))
    return tuple(sorted(items, key=lambda item: order.index(item.urgency)))


def _blocks_and_pauses(facts: StatusFacts) -> Iterator[StatusItem]:
    for stopped, sentence in ((facts.removed, words.REMOVED), (facts.frozen, words.FROZEN)):
        if stopped:
            yield StatusItem(sentence, StatusUrgency.STOPS)
    for until, sentence in (
        (facts.caller_pause, words.CALLER_PAUSE),
        (facts.code_pause, words.CODE_PAUSE),
        (facts.identity_pause, words.IDENTITY_PAUSE),
        (facts.sms_pause, words.SMS_PAUSE),
    ):
        if until is not None:
            yield StatusItem(sentence.fill({"until": _when(until, facts.now)}), StatusUrgency.STOPS)


def _link_and_limits(facts: StatusFacts) -> Iterator[StatusItem]:
    stops, warns, informs = StatusUrgency
    if facts.link is not None:
        state, at = facts.link
        stopped = state in {LinkState.EXPIRED, LinkState.CANCELLED} and facts.now < at + DAY
        yield StatusItem(words.LINK[state].fill({"at": _when(at, facts.now)}), stops if stopped else informs)
    reissues = words.REISSUES_LEFT.fill({"count": facts.reissues_left, "most": facts.reissues})
    yield StatusItem(reissues, informs if facts.reissues_left else stops)
    for title in facts.incidents:
        yield StatusItem(words.INCIDENT.fill({"title": title}), stops)
    if facts.code_pause is None:
        yield StatusItem(words.CODES_LEFT.for_count(facts.codes_left), warns if facts.codes_left == 1 else informs)


def _people(facts: StatusFacts) -> Iterator[StatusItem]:
    _, warns, informs = StatusUrgency
    for colleague in facts.colleagues:
        yield StatusItem(words.ALSO_OPEN.fill({"agent": colleague}), warns)
    if facts.verified_until is not None:
        yield StatusItem(words.VERIFIED.fill({"until": TimeOfDay(facts.verified_until)}), informs)
    elif facts.may_act:
        yield StatusItem(words.NOT_VERIFIED, informs)


def _when(at: datetime, now: datetime) -> Text:
    return words.AT_TIME.fill({"at": TimeOfDay(at)}) if at.date() == now.date() else words.ON_DAY.fill({"at": Day(at)})


@dataclass(frozen=True, slots=True)
class VoterStatus:
    """The status line, and why a caller cannot be verified now. `why_not_verify` is None if it is possible."""

    items: tuple[StatusItem, ...]
    why_not_verify: Text | None

    @staticmethod
    def of(facts: StatusFacts) -> "VoterStatus":
        pause = facts.caller_pause
        why_not = None if pause is None else AGAIN_FROM.fill({"again_at": TimeOfDay(pause)})
        return VoterStatus(status_items(facts), why_not)


@dataclass(eq=False)
class VoterStatusReader:
    dependencies: Dependencies
    authorisation: Authorisation
    verification: CallerVerification
    incidents: IncidentBoard
    _open_files: dict[str, tuple[str, int, datetime]] = field(default_factory=dict, init=False)
    """For each session: the agent's name, the voter whose file was open last, and when its status was read."""

    def read(self, session: AgentSession, voter: int, caller: VerifiedCaller | None = None) -> VoterStatus:
        """Return the status of a voter, and remember that the agent has the file open.

        Raises AgentSessionOver, VoterNotOnRoll.
        """
        with self.authorisation.read(session) as transaction:
            found = transaction.voters.by_id(voter)
            if found is None:
                raise errors.VoterNotOnRoll
            return VoterStatus.of(self.read_facts(transaction, session, found, caller))

    def read_facts(
        self, transaction: Transaction, session: AgentSession, voter: Voter, caller: VerifiedCaller | None
    ) -> StatusFacts:
        rules, now, local = self.dependencies, self.dependencies.clock.now(), self._local
        codes = read_status(rules, transaction, voter.id, now)
        identity = read_status(rules, transaction, voter.id, now, identity_attempt_limit(rules.vault, rules.policy))
        sendings = transaction.code_sendings.of_voter(voter.id, now - DAY)
        # Limits of one phone number do not apply here, because the voter may give another number.
        refused_sms = SendingLimits(rules.policy, rules.calendar).refusal(sendings, b"", now)
        is_verified = caller is not None and self.authorisation.is_caller_still_verified(session, caller)
        running = self.incidents.incidents_of_voter(transaction, voter, waits_for_sms=True)
        return StatusFacts(
            now=rules.calendar.to_local(now),
            may_act=may_act(session),
            verified_until=local(caller.until) if caller is not None and is_verified else None,
            frozen=voter.frozen is not None,
            removed=voter.removed is not None,
            link=self._latest_link(transaction, voter, now),
            reissues_left=codes.allowance.reissues_left,
            reissues=codes.max_reissues,
            codes_left=codes.attempts.left,
            caller_pause=local(self.verification.paused_until(transaction, voter.id, now)),
            identity_pause=local(identity.attempts.refused_until),
            code_pause=local(codes.attempts.paused_until),
            sms_pause=None if refused_sms is None else refused_sms.until,
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
        """Return the voter whose file each agent has open now, by the agent's name."""
        return {name: voter for name, voter, at in list(self._open_files.values()) if now < at + OPEN_FOR}

    def _local(self, moment: datetime | None) -> datetime | None:
        return None if moment is None else self.dependencies.calendar.to_local(moment)
