"""Delivery reports may come in any order, repeatedly, forged, or about SMS that were never sent (CASE 39)."""

from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import permutations

import pytest

from core.delivery.sms_gateway_callbacks import GatewayCallbackOutcome, SmsGatewayCallbackHandler, report_tag
from core.ports import (
    Actor,
    EventType,
    IncomingSmsOutcome,
    MessageKind,
    SmsDeliveryStatus,
    Store,
    StoreUnavailable,
    Transaction,
)
from core.security.tokens import sms_id
from tests.support.stores import writing
from tests.support.worlds import World

NUMBER = "+33612345678"
CASE = "7F3K-92QD"


@dataclass
class FlowDouble:
    """A double of the port SmsEventReceiver, which records the calls that it gets and can be unavailable."""

    store: Store
    heard: list[tuple[str, str]] = field(default_factory=list)
    knows: bool = True
    away: bool = False
    reply: IncomingSmsOutcome = IncomingSmsOutcome.WRONG

    def receive_delivery_report(
        self, message_id: str, delivery: SmsDeliveryStatus, note: Callable[[Transaction], object]
    ) -> bool:
        self._hear(message_id, delivery)
        if self.knows:
            with self.store.write() as transaction:
                note(transaction)
        return self.knows

    def receive_sms_answer(self, phone: str, text: str) -> IncomingSmsOutcome:
        self._hear(phone, text)
        return self.reply

    def _hear(self, *heard: str) -> None:
        if self.away:
            raise StoreUnavailable("gone")
        self.heard.append((heard[0], heard[1]))


@pytest.fixture
def flow(world: World) -> FlowDouble:
    return FlowDouble(world.store)


@pytest.fixture
def deliveries(world: World, flow: FlowDouble) -> SmsGatewayCallbackHandler:
    return SmsGatewayCallbackHandler(world.dependencies, (flow,))


def sent(world: World, kind: MessageKind = MessageKind.IDENTIFIER) -> tuple[str, str]:
    """Put an SMS into the outbox. Returns its id and the tag of its delivery reports."""
    now = world.clock.now()
    parcel = writing(world.store).outbox.put(kind=kind, case=CASE, at=now, useful_until=now, sealed=b"sealed")
    message_id = sms_id(kind, CASE, parcel.id)
    return message_id, report_tag(world.dependencies.vault, message_id)


def timeline(world: World) -> list[tuple[str, str | None]]:
    return [(event.act, event.reason) for event in world.journal(CASE)]


def test_a_report_is_noted_and_acted_on_when_it_is_final(
    world: World, deliveries: SmsGatewayCallbackHandler, flow: FlowDouble
) -> None:
    """Every delivery report is recorded in the journal, and the flow receives only final reports about identifiers."""
    message_id, tag = sent(world)

    told = [
        deliveries.handle_delivery_report(message_id, tag, each)
        for each in (SmsDeliveryStatus.ACCEPTED, SmsDeliveryStatus.DELIVERED)
    ]

    assert told == [GatewayCallbackOutcome.NOTED, GatewayCallbackOutcome.NOTED]
    assert flow.heard == [(message_id, SmsDeliveryStatus.DELIVERED)]
    assert timeline(world) == [
        (EventType.SMS_REPORTED, "identifier accepted"),
        (EventType.SMS_REPORTED, "identifier delivered"),
    ]
    assert {event.actor for event in world.journal(CASE)} == {Actor.NETWORK}

    message_id, tag = sent(world, MessageKind.CODE)

    assert (
        deliveries.handle_delivery_report(message_id, tag, SmsDeliveryStatus.UNDELIVERED)
        is GatewayCallbackOutcome.NOTED
    )

    assert len(flow.heard) == 2
    assert timeline(world)[2:] == [(EventType.SMS_REPORTED, "code undelivered")]


def test_case_39_any_order_and_any_repetition_leave_one_line_each(world: World, flow: FlowDouble) -> None:
    """CASE 39: delivery reports in any order, each repeated three times, leave one journal entry each."""
    deliveries = SmsGatewayCallbackHandler(world.dependencies, (flow,))
    for order in permutations((SmsDeliveryStatus.ACCEPTED, SmsDeliveryStatus.BUFFERED, SmsDeliveryStatus.DELIVERED)):
        message_id, tag = sent(world)
        told = [deliveries.handle_delivery_report(message_id, tag, each) for each in order * 3]
        assert told == [GatewayCallbackOutcome.NOTED] * 3 + [GatewayCallbackOutcome.NOTED_BEFORE] * 6

    assert len(timeline(world)) == 18


def test_case_39_a_forged_report_changes_nothing(
    world: World, deliveries: SmsGatewayCallbackHandler, flow: FlowDouble
) -> None:
    """CASE 39: a delivery report with a wrong or missing tag, or with an invalid id, is refused."""
    message_id, tag = sent(world)
    other, _ = sent(world)

    told = [
        deliveries.handle_delivery_report(*forged, SmsDeliveryStatus.DELIVERED)
        for forged in ((other, tag), (message_id, tag[:-1]), (message_id, ""), ("nothing", "é"), ("..", tag))
    ]

    assert set(told) == {GatewayCallbackOutcome.FORGED}
    assert (flow.heard, timeline(world)) == ([], [])


def test_case_39_a_report_about_an_sms_that_is_gone_is_told_so(world: World, flow: FlowDouble) -> None:
    """CASE 39: a delivery report is answered as unknown if the database or the flow does not know its SMS."""
    deliveries = SmsGatewayCallbackHandler(world.dependencies, (flow,))
    for kind, knows in ((MessageKind.CODE, True), (MessageKind.IDENTIFIER, False)):
        flow.knows = knows
        message_id = sms_id(kind, CASE, 999)
        tag = report_tag(world.dependencies.vault, message_id)
        assert (
            deliveries.handle_delivery_report(message_id, tag, SmsDeliveryStatus.DELIVERED)
            is GatewayCallbackOutcome.UNKNOWN
        )

    assert timeline(world) == []


def test_what_nobody_could_act_on_is_not_noted_and_heard_when_it_is_told_again(
    world: World, deliveries: SmsGatewayCallbackHandler, flow: FlowDouble
) -> None:
    """A delivery report or SMS answer that failed during an outage is processed when the gateway repeats it."""
    message_id, tag = sent(world)
    flow.away = True
    with pytest.raises(StoreUnavailable):
        deliveries.handle_delivery_report(message_id, tag, SmsDeliveryStatus.UNDELIVERED)
    assert timeline(world) == []

    flow.away = False

    assert (
        deliveries.handle_delivery_report(message_id, tag, SmsDeliveryStatus.UNDELIVERED)
        is GatewayCallbackOutcome.NOTED
    )
    assert flow.heard == [(message_id, SmsDeliveryStatus.UNDELIVERED)]

    flow.away = True
    with pytest.raises(StoreUnavailable):
        deliveries.handle_voter_sms("a", NUMBER, "012345")

    flow.away = False

    assert deliveries.handle_voter_sms("a", NUMBER, "012345") is IncomingSmsOutcome.WRONG


def test_an_answer_reaches_the_flow_once_under_the_gateways_id(
    deliveries: SmsGatewayCallbackHandler, flow: FlowDouble
) -> None:
    """An SMS answer is passed to the flow once for each id of the gateway, with its number in a standard form."""
    for phone in (NUMBER, "33612345678", "+33 6 12 34 56 78", "0612345678"):
        told = [deliveries.handle_voter_sms(f"{id_} {phone}", phone, "012 345") for id_ in "aab"]

        assert told == [IncomingSmsOutcome.WRONG, GatewayCallbackOutcome.NOTED_BEFORE, IncomingSmsOutcome.WRONG]
    assert flow.heard == [(NUMBER, "012 345")] * 8


def test_an_answer_may_be_anything(deliveries: SmsGatewayCallbackHandler, flow: FlowDouble) -> None:
    """An SMS answer without a usable number is ignored, and a very long text is cut to the length of one SMS."""
    assert deliveries.handle_voter_sms("a", "", "012345") is IncomingSmsOutcome.UNREAD
    assert deliveries.handle_voter_sms("b", "ELECTIONS", "012345") is IncomingSmsOutcome.UNREAD
    assert deliveries.handle_voter_sms("c", NUMBER, "\0é" * 9999) is IncomingSmsOutcome.WRONG

    assert [len(text) for _, text in flow.heard] == [160]
