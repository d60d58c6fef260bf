"""Prometheus metrics about the whole election. Aggregate them over hosts with `max`, never `sum`."""

from collections import Counter as Totals
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from threading import Lock

from prometheus_client.core import CounterMetricFamily, Metric
from prometheus_client.core import GaugeMetricFamily as Gauge
from prometheus_client.registry import Collector

from core.adapters.prometheus_counters import reason_id_or_other
from core.delivery.sms_budgets import SmsBudget, SmsBudgets
from core.ports import REFUSALS, Clock, EventType, MessageState, Store, StoreUnavailable
from core.ports.journal import SETTLES_AFTER

MAILS_ENDED = {
    EventType.MAIL_ACCEPTED: MessageState.SENT,
    EventType.MAIL_REFUSED: MessageState.PARKED,
    EventType.MAIL_CANCELLED: MessageState.CANCELLED,
}
SMS_ENDED = {
    EventType.SMS_ACCEPTED: MessageState.SENT,
    EventType.SMS_REFUSED: MessageState.PARKED,
    EventType.SMS_CANCELLED: MessageState.CANCELLED,
}
DROPPED_BY_SITE = "too-many-asks"
"""Reason recorded when the site drops a request for a link."""
Kinds = Totals[tuple[str, str | None]]


class ElectionMetricsCollector(Collector):
    def __init__(
        self,
        store: Store,
        clock: Clock,
        budgets: SmsBudgets,
        standbys: Callable[[], int | None] = lambda: None,
        primaries: Callable[[], int | None] = lambda: None,
        *,
        courier_silence: Callable[[], timedelta | None] = lambda: None,
    ) -> None:
        """`standbys` counts servers that confirm commits. `primaries` counts servers that accept writes."""
        self._store, self._clock, self._budgets = store, clock, budgets
        self._standbys, self._primaries, self._courier_silence = standbys, primaries, courier_silence
        self._one_at_a_time = Lock()
        self.line, self._settled = 0, Kinds()

    def collect(self) -> Iterator[Metric]:
        with self._one_at_a_time:
            figures = self._figures()
        return iter(figures)

    def _figures(self) -> list[Metric]:
        now = self._clock.now()
        try:
            with self._store.read() as transaction:
                tally = transaction.journal.count_events(after=self.line, recent=now - SETTLES_AFTER)
                backlog, delay = transaction.outbox.backlog(), transaction.outbox.oldest_request_delay(now)
                overdue = transaction.outbox.overdue(now)
                budgets = self._budgets.todays_budgets(transaction, now)
                tail, checkpoint = transaction.chain.count_unsealed(), transaction.chain.checkpoint()
            standbys, primaries, silence = self._standbys(), self._primaries(), self._courier_silence()
        except StoreUnavailable:
            return [_store_metric(0)]
        self.line = tally.line
        self._settled.update(tally.settled)
        return [
            _store_metric(1),
            *_server_metrics(standbys, primaries),
            *_courier_metrics(silence),
            *_journal_metrics(self._settled + Totals(tally.fresh)),
            *_budget_metrics(budgets),
            Gauge("retrouve_unsent", "Requests and messages that are not finished.", backlog.waiting),
            Gauge("retrouve_oldest_unsent_seconds", "Age of the oldest unfinished message.", _age(backlog.oldest, now)),
            Gauge("retrouve_queue_delay_seconds", "Delay of mails, as the page MP-4 shows it.", delay.total_seconds()),
            Gauge("retrouve_overdue_seconds", "How long a due message waits for a courier.", overdue.total_seconds()),
            Gauge("retrouve_unsealed", "Journal lines that are not sealed yet.", tail.waiting),
            Gauge("retrouve_oldest_unsealed_seconds", "Age of the oldest unsealed line.", _age(tail.oldest, now)),
            Gauge("retrouve_checkpoints", "Journal checkpoints.", 0 if checkpoint is None else checkpoint.number),
        ]


def _server_metrics(standbys: int | None, primaries: int | None) -> Iterator[Metric]:
    if standbys is not None:
        yield Gauge("retrouve_synchronous_standbys", "Database servers that confirm each commit.", standbys)
    if primaries is not None:
        yield Gauge("retrouve_writable_database_servers", "Database servers that accept writes.", primaries)


def _courier_metrics(silence: timedelta | None) -> Iterator[Metric]:
    if silence is not None:
        yield Gauge("retrouve_courier_silence_seconds", "Time since a courier last worked.", silence.total_seconds())


def _age(since: datetime | None, now: datetime) -> float:
    return 0 if since is None else max(now - since, timedelta(0)).total_seconds()


def _journal_metrics(kinds: Kinds) -> Iterator[Metric]:
    acts = Totals[str]()
    for (act, _), count in kinds.items():
        acts[act] += count
    yield CounterMetricFamily("retrouve_asks", "Recovery mails requested.", acts[EventType.ASKED])
    yield CounterMetricFamily("retrouve_passwords_chosen", "Passwords chosen.", acts[EventType.PASSWORD_CHOSEN])
    mails = {(state.value,): acts[act] for act, state in MAILS_ENDED.items()}
    mails[MessageState.DROPPED.value,] = acts[EventType.ASK_DROPPED] - kinds[EventType.ASK_DROPPED, DROPPED_BY_SITE]
    yield _counted("retrouve_mails", "Requests and mails that are finished, by final state.", ["state"], mails.items())
    texts = {(state.value,): acts[act] for act, state in SMS_ENDED.items()}
    yield _counted("retrouve_sms", "SMS that are finished, by final state.", ["state"], texts.items())
    reported = {
        tuple(reason.split()): count
        for (act, reason), count in kinds.items()
        if act == EventType.SMS_REPORTED and reason is not None
    }
    yield _counted(
        "retrouve_sms_reports", "Delivery reports of SMS, by kind of message.", ["kind", "delivery"], reported.items()
    )
    refused = _counts_by_reason(kinds, REFUSALS)
    yield _counted("retrouve_refusals", "Actions refused, by reason.", ["act", "reason"], refused.items())
    bounces = {(reason,): count for (_, reason), count in _counts_by_reason(kinds, {EventType.MAIL_BOUNCED}).items()}
    yield _counted("retrouve_bounces", "Mails that bounced, by reason.", ["reason"], bounces.items())
    every = {(act,): acts[act] for act in sorted({*EventType, *acts})}
    yield _counted("retrouve_acts", "Journal lines, by type of event.", ["act"], every.items())


def _counted(name: str, meaning: str, labels: Sequence[str], counts: Iterable[tuple[tuple[str, ...], int]]) -> Metric:
    family = CounterMetricFamily(name, meaning, labels=labels)
    for values, count in counts:
        family.add_metric(values, count)
    return family


def _budget_metrics(budgets: Iterable[SmsBudget]) -> Iterator[Metric]:
    # The label is a country code, or "*" for all countries.
    sent = Gauge("retrouve_sms_budget_sent", "Codes sent today.", labels=["scope"])
    allowed = Gauge("retrouve_sms_budget_allowed", "Codes that may be sent today.", labels=["scope"])
    for budget in budgets:
        sent.add_metric([budget.scope], budget.sent)
        allowed.add_metric([budget.scope], budget.allowed)
    yield from (sent, allowed)


def _counts_by_reason(kinds: Kinds, of: Collection[EventType]) -> Mapping[tuple[str, str], int]:
    counts = Totals[tuple[str, str]]()
    for (act, reason), count in kinds.items():
        if act in of:
            counts[act, reason_id_or_other(reason)] += count
    return counts


def _store_metric(answers: int) -> Metric:
    return Gauge("retrouve_store_up", "1 if the database answers, 0 if not.", answers)
