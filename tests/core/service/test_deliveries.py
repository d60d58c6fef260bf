"""What gateways tell: in any order, again and again, forged, or about what we never sent (CASE 39)."""

from dataclasses import dataclass, field
from itertools import permutations

import pytest

from core.ports import Act, Actor, Delivery, ParcelKind, Reply, Unready
from core.service.deliveries import Deliveries, Heard, report_tag
from core.tokens import sms_id
from tests.support.worlds import World

NUMBER = "+33612345678"
CASE = "7F3K-92QD"


@dataclass
class Flow:
    """The port Hearing: keeps what it hears, knows what it sent, and may be out of reach."""

    heard: list[tuple[str, str]] = field(default_factory=list)
    knows: bool = True
    away: bool = False
    reply: Reply = Reply.WRONG

    def delivered(self, message_id: str, delivery: Delivery) -> bool:
        """Keeps it."""
        self._hear(message_id, delivery)
        return self.knows

    def code_by_sms(self, phone: str, text: str) -> Reply:
        """Keeps it."""
        self._hear(phone, text)
        return self.reply

    def _hear(self, *heard: str) -> None:
        if self.away:
            raise Unready("gone")
        self.heard.append((heard[0], heard[1]))


@pytest.fixture
def flow() -> Flow:
    """Who acts on what is told."""
    return Flow()


@pytest.fixture
def deliveries(any_world: World, flow: Flow) -> Deliveries:
    """The use cases over each kind of store."""
    return Deliveries(any_world.tools, flow)


def sent(world: World, kind: ParcelKind = ParcelKind.IDENTIFIER) -> tuple[str, str]:
    """An SMS in the outbox: its id, and the tag of its reports."""
    now = world.clock.now()
    with world.store.write() as transaction:
        parcel = transaction.outbox.put(kind=kind, case=CASE, at=now, useful_until=now, sealed=b"sealed")
    message_id = sms_id(kind, CASE, parcel)
    return message_id, report_tag(world.tools.vault, message_id)


def timeline(world: World) -> list[tuple[str, str | None]]:
    """What the journal says of the case."""
    return [(event.act.value, event.reason) for event in world.journal(CASE)]


def test_a_report_is_noted_and_acted_on_when_it_is_final(any_world: World, deliveries: Deliveries, flow: Flow) -> None:
    """The flow hears what ends an identifier's SMS; the timeline has everything."""
    message_id, tag = sent(any_world)

    told = [deliveries.report(message_id, tag, each) for each in (Delivery.ACCEPTED, Delivery.DELIVERED)]

    assert told == [Heard.NOTED, Heard.NOTED]
    assert flow.heard == [(message_id, Delivery.DELIVERED)]
    assert timeline(any_world) == [
        (Act.SMS_REPORTED, "identifier accepted"),
        (Act.SMS_REPORTED, "identifier delivered"),
    ]
    assert {event.actor for event in any_world.journal(CASE)} == {Actor.NETWORK}


def test_reports_about_a_code_are_noted_only(any_world: World, deliveries: Deliveries, flow: Flow) -> None:
    """Nothing is to be done: its page says how to have it sent again."""
    message_id, tag = sent(any_world, ParcelKind.CODE)

    assert deliveries.report(message_id, tag, Delivery.UNDELIVERED) is Heard.NOTED

    assert flow.heard == []
    assert timeline(any_world) == [(Act.SMS_REPORTED, "code undelivered")]


def test_case_39_any_order_and_any_repetition_leave_one_line_each(any_world: World, flow: Flow) -> None:
    """Six orders of three reports, each told three times."""
    deliveries = Deliveries(any_world.tools, flow)
    for order in permutations((Delivery.ACCEPTED, Delivery.BUFFERED, Delivery.DELIVERED)):
        message_id, tag = sent(any_world)
        told = [deliveries.report(message_id, tag, each) for each in order * 3]
        assert told == [Heard.NOTED] * 3 + [Heard.NOTED_BEFORE] * 6

    assert len(timeline(any_world)) == 18


def test_case_39_a_forged_report_changes_nothing(any_world: World, deliveries: Deliveries, flow: Flow) -> None:
    """The tag of another SMS, a tag cut short, none at all, an id that is none, letters that are not ASCII."""
    message_id, tag = sent(any_world)
    other, _ = sent(any_world)

    told = [
        deliveries.report(*forged, Delivery.DELIVERED)
        for forged in ((other, tag), (message_id, tag[:-1]), (message_id, ""), ("nothing", "é"), ("..", tag))
    ]

    assert set(told) == {Heard.FORGED}
    assert (flow.heard, timeline(any_world)) == ([], [])


def test_case_39_a_report_about_an_sms_that_is_gone_is_told_so(any_world: World, flow: Flow) -> None:
    """A database that was restored may not know it, nor may the flow."""
    deliveries = Deliveries(any_world.tools, flow)
    for kind, knows in ((ParcelKind.CODE, True), (ParcelKind.IDENTIFIER, False)):
        flow.knows = knows
        message_id = sms_id(kind, CASE, 999)
        tag = report_tag(any_world.tools.vault, message_id)
        assert deliveries.report(message_id, tag, Delivery.DELIVERED) is Heard.UNKNOWN

    assert timeline(any_world) == []


def test_a_report_that_nobody_could_act_on_is_not_noted(any_world: World, deliveries: Deliveries, flow: Flow) -> None:
    """The gateway tells it again, and then it counts."""
    message_id, tag = sent(any_world)
    flow.away = True
    with pytest.raises(Unready):
        deliveries.report(message_id, tag, Delivery.UNDELIVERED)
    assert timeline(any_world) == []

    flow.away = False

    assert deliveries.report(message_id, tag, Delivery.UNDELIVERED) is Heard.NOTED
    assert flow.heard == [(message_id, Delivery.UNDELIVERED)]


@pytest.mark.parametrize("phone", [NUMBER, "33612345678", "+33 6 12 34 56 78", "0612345678"])
def test_an_answer_reaches_the_flow_once_under_the_gateways_id(deliveries: Deliveries, flow: Flow, phone: str) -> None:
    """However the number is written; another id is another SMS."""
    told = [deliveries.answer("a", phone, "012 345"), deliveries.answer("a", phone, "012 345")]
    told.append(deliveries.answer("b", phone, "012 345"))

    assert told == [Reply.WRONG, Heard.NOTED_BEFORE, Reply.WRONG]
    assert flow.heard == [(NUMBER, "012 345")] * 2


def test_an_answer_that_nobody_could_act_on_is_heard_when_it_is_told_again(deliveries: Deliveries, flow: Flow) -> None:
    """A database that was away has forgotten nothing."""
    flow.away = True
    with pytest.raises(Unready):
        deliveries.answer("a", NUMBER, "012345")

    flow.away = False

    assert deliveries.answer("a", NUMBER, "012345") is Reply.WRONG


def test_an_answer_may_be_anything(deliveries: Deliveries, flow: Flow) -> None:
    """From no number, from a name, and as long as one likes: the flow is given as much as one SMS holds."""
    assert deliveries.answer("a", "", "012345") is Reply.UNREAD
    assert deliveries.answer("b", "ELECTIONS", "012345") is Reply.UNREAD
    assert deliveries.answer("c", NUMBER, "\0é" * 9999) is Reply.WRONG

    assert [len(text) for _, text in flow.heard] == [160]
