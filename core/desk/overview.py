"""The helpdesk's activity, as supervisors and auditors see it."""

from collections import Counter, deque
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from itertools import islice
from threading import Lock

from core.desk.authorisation import AgentSession, Authorisation
from core.desk.journal_counts import FailureKey, IncrementalJournalCounts, bucket_of
from core.desk.progress import CaseProgress
from core.desk.voter_status import VoterStatusReader
from core.flows.dependencies import Dependencies
from core.flows.flow_plugin import ElectionFlows
from core.forms.errors.supervisor_incident_input import SupervisorNeeded
from core.forms.flow_model import Channel
from core.ports import AgentRole, EventType, Transaction, channel_of
from core.ports.desk_counts import BUCKET
from core.text.text import N_, Text

ACTIVITIES: Mapping[str, Text] = {
    EventType.AGENT_SESSION_OPENED: N_("à l'accueil"),
    EventType.AGENT_PASSWORD_CHOSEN: N_("à l'accueil"),
    EventType.AGENT_SESSION_UNLOCKED: N_("de retour"),
    EventType.AGENT_SESSION_LOCKED: N_("écran verrouillé"),
    EventType.FILE_OPENED: N_("lit une fiche"),
    EventType.CALLER_VERIFIED: N_("agit pour un appelant vérifié"),
    EventType.CALLER_REFUSED: N_("vérifie un appelant"),
    EventType.ASKED: N_("fait envoyer un message"),
    EventType.FROZEN: N_("bloque un compte"),
    EventType.UNFROZEN: N_("rouvre un compte"),
    EventType.COUNTERSIGNED: N_("signe pour un agent"),
    EventType.SIGNATURE_REQUESTED: N_("attend une signature"),
    EventType.SIGNATURE_ACCEPTED: N_("signe pour un agent"),
    EventType.SIGNATURE_DECLINED: N_("refuse de signer"),
    EventType.SIGNATURE_WITHDRAWN: N_("retire une demande de signature"),
    EventType.INCIDENT_ANNOUNCED: N_("annonce un incident"),
    EventType.INCIDENT_ENDED: N_("termine un incident"),
}
ABOUT_OPEN_FILE = {
    EventType.FILE_OPENED,
    EventType.CALLER_VERIFIED,
    EventType.CALLER_REFUSED,
    EventType.ASKED,
    EventType.FROZEN,
    EventType.UNFROZEN,
    EventType.SIGNATURE_REQUESTED,
}
POINTS = 30
UPDATE_EVERY = timedelta(seconds=2)
SAMPLE_EVERY = timedelta(minutes=2)
SIGN_OF_LIFE = timedelta(hours=2)
"""Agents count as on duty for this long after their last event."""
MOST_SHOWN = 8
MOST_AGENTS = 60
OFF_DUTY = (EventType.AGENT_SESSION_CLOSED, EventType.AGENT_SESSION_REFUSED)


class OverviewWindow(StrEnum):
    HOUR = "hour"
    DAY = "day"
    ELECTION = "election"


class PlottedFigureName(StrEnum):
    ASKS = "asks"
    CALLS = "calls"
    VERIFICATIONS = "verifications"
    MAIL_DELAY = "mail-delay"
    SMS_DELAY = "sms-delay"


COUNTED: Mapping[PlottedFigureName, EventType] = {
    PlottedFigureName.ASKS: EventType.ASKED,
    PlottedFigureName.CALLS: EventType.FILE_OPENED,
    PlottedFigureName.VERIFICATIONS: EventType.CALLER_VERIFIED,
}
DELAYS: Mapping[PlottedFigureName, Channel] = {
    PlottedFigureName.MAIL_DELAY: Channel.MAIL,
    PlottedFigureName.SMS_DELAY: Channel.SMS,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class PlottedFigure:
    """A number with its graph. `points` start with the oldest."""

    name: PlottedFigureName
    points: tuple[int, ...]
    total: int
    rate: float


@dataclass(frozen=True, slots=True)
class AgentOnDuty:
    """An agent on duty. `step` is the current voter's step, or None."""

    name: str
    activity: Text
    since: datetime
    step: str | None


@dataclass(frozen=True, slots=True)
class FailureCountLine:
    sentence: Text
    count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class DeskOverview:
    window: OverviewWindow
    figures: tuple[PlottedFigure, ...]
    since: datetime
    minutes_a_point: int
    on_duty: tuple[AgentOnDuty, ...]
    failures: tuple[FailureCountLine, ...]
    academies: tuple[FailureCountLine, ...]
    counted_from: datetime | None
    """Time of the earliest event counted so far, or None if counting is complete."""


@dataclass(frozen=True, slots=True)
class _Delay:
    minutes: int = 0
    waiting: int = 0


@dataclass(frozen=True, slots=True)
class _Scale:
    since: int
    width: int


@dataclass(eq=False)
class DeskOverviewReader:
    """Reads the overview. Counts are kept in memory for speed."""

    dependencies: Dependencies
    authorisation: Authorisation
    progress: CaseProgress
    flows: ElectionFlows
    status: VoterStatusReader
    _figures: IncrementalJournalCounts = field(
        default_factory=lambda: IncrementalJournalCounts(kept=frozenset(COUNTED.values())), init=False
    )
    _updated_at: datetime | None = field(default=None, init=False)
    _delays: dict[Channel, _Delay] = field(default_factory=dict, init=False)
    _samples: "deque[tuple[datetime, dict[Channel, int]]]" = field(
        default_factory=lambda: deque(maxlen=24 * 60), init=False
    )
    _lock: Lock = field(default_factory=Lock, init=False)

    def view(self, session: AgentSession, window: OverviewWindow) -> DeskOverview:
        """Return the overview of a period. Raises SupervisorNeeded, AgentSessionOver."""
        if self.authorisation.require_session(session).role is AgentRole.AGENT:
            raise SupervisorNeeded
        now = self.dependencies.clock.now()
        with self._lock, self.dependencies.store.read() as transaction:
            if self._updated_at is None or abs(now - self._updated_at) >= UPDATE_EVERY:
                self._updated_at = now
                self._figures.count_new_lines(transaction, now)
                self._measure_delays(transaction, now)
            scale = self._scale(window, now)
            failed = self._figures.count_failures(None if window is OverviewWindow.ELECTION else scale.since)
            plotted = tuple(self._plotted(scale, now))
            on_duty = tuple(islice(self._on_duty(transaction, now), MOST_AGENTS))
            counted_from = self._counted_from(scale.since)
        return DeskOverview(
            window=window,
            figures=plotted,
            since=self._beginning_of(scale.since),
            minutes_a_point=scale.width * BUCKET // timedelta(minutes=1),
            on_duty=on_duty,
            failures=self._by_reason(failed),
            academies=_by_academie(failed),
            counted_from=counted_from,
        )

    def _scale(self, window: OverviewWindow, now: datetime) -> _Scale:
        end = bucket_of(now) + 1
        if window is OverviewWindow.ELECTION:
            began = min(bucket_of(self.dependencies.calendar.recovery_opens), end - POINTS)
            return _Scale(began, -(-(end - began) // POINTS))
        length = timedelta(hours=1 if window is OverviewWindow.HOUR else 24)
        return _Scale(end - length // BUCKET, length // BUCKET // POINTS)

    def _plotted(self, scale: _Scale, now: datetime) -> Iterator[PlottedFigure]:
        since, width, end = scale.since, scale.width, bucket_of(now) + 1
        hours = (end - since) * BUCKET / timedelta(hours=1)
        for name, act in COUNTED.items():
            points = self._figures.counts(act, since, end, width)
            total, per = sum(points), 60 if name is PlottedFigureName.ASKS else 1
            yield PlottedFigure(name=name, points=tuple(points), total=total, rate=total / hours / per)
        for name, channel in DELAYS.items():
            delay = self._delays.get(channel, _Delay())
            points = [0] * (-(-(end - since) // width))
            for at, sample in self._samples:
                if since <= bucket_of(at) < end:
                    place = (bucket_of(at) - since) // width
                    points[place] = max(points[place], sample.get(channel, 0))
            yield PlottedFigure(
                name=name,
                points=(*points[:-1], max(points[-1], delay.minutes)),
                total=delay.minutes,
                rate=delay.waiting,
            )

    def _measure_delays(self, transaction: Transaction, now: datetime) -> None:
        found = dict[Channel, _Delay]()
        for each in transaction.figures.waiting_messages_by_kind():
            channel = channel_of(each.kind)
            if channel is not None:
                known = found.get(channel, _Delay())
                waits = max(0, (now - each.oldest) // timedelta(minutes=1))
                found[channel] = _Delay(max(known.minutes, waits), known.waiting + each.waiting)
        self._delays = found
        if not self._samples or now - self._samples[-1][0] >= SAMPLE_EVERY:
            self._samples.append((now, {channel: delay.minutes for channel, delay in found.items()}))

    def _on_duty(self, transaction: Transaction, now: datetime) -> Iterator[AgentOnDuty]:
        reading = self.status.open_files(now)
        for name, last in sorted(self._figures.last_event_by_agent().items()):
            if last.act not in OFF_DUTY and now - last.at <= SIGN_OF_LIFE:
                voter = reading.get(name)
                cases = [] if voter is None else transaction.recoveries.of_voter(voter, 1)
                steps = [self.progress.handler(case.flow).current_step(case).step.code for case in cases]
                since = self.dependencies.calendar.to_local(last.at)
                activity = _activity(last.act, is_file_open=voter is not None)
                yield AgentOnDuty(name, activity, since, steps[0] if steps else None)

    def _by_reason(self, failed: Counter[FailureKey]) -> tuple[FailureCountLine, ...]:
        found, sentences = Counter[str](), dict[str, Text]()
        for (act, reason, _), count in failed.items():
            sentence = self.flows.timeline_texts.line(act, reason, None).sentence
            found[sentence.msgid] += count
            sentences[sentence.msgid] = sentence
        return tuple(FailureCountLine(sentences[each], count) for each, count in found.most_common(MOST_SHOWN))

    def _counted_from(self, since: int) -> datetime | None:
        oldest = self._figures.oldest
        if self._figures.counts_from_first_line or oldest is None or oldest < since:
            return None
        return self._beginning_of(oldest)

    def _beginning_of(self, bucket: int) -> datetime:
        zero = datetime.fromtimestamp(0, self.dependencies.calendar.zone)
        return self.dependencies.calendar.to_local(zero + bucket * BUCKET)


def _activity(act: str, *, is_file_open: bool) -> Text:
    """Derive the agent's activity from the last action and the open file."""
    if act in ACTIVITIES and is_file_open == (act in ABOUT_OPEN_FILE):
        return ACTIVITIES[act]
    return ACTIVITIES[EventType.FILE_OPENED if is_file_open else EventType.AGENT_SESSION_OPENED]


def _by_academie(failed: Counter[FailureKey]) -> tuple[FailureCountLine, ...]:
    found = Counter[str]()
    for (_, _, academie), count in failed.items():
        if academie is not None:
            found[academie] += count
    return tuple(
        FailureCountLine(Text("{name}", None, {"name": name}), count) for name, count in found.most_common(MOST_SHOWN)
    )
