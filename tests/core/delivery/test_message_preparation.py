"""Tests of the decision on an ask, the only place that looks up whose an address is."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from email.utils import parsedate_to_datetime

import pytest

from core.delivery.link_request_lookup import LinkRequestBatch
from core.flows.password.states import LinkSent, NoLinkSent
from core.forms import errors
from core.ports import (
    Durability,
    EventType,
    MessageKind,
    MessageState,
    OutboxMessage,
)
from core.security.outbox_sealing import SealedBodyUnreadable, open_message, seal_message
from core.security.tokens import digest
from core.text.text import Language
from tests.support.election import CAMILLE, ELECTION, GOOD, NOON, STRANGER, entry
from tests.support.post import ACCEPTS, POSTPONES, UNREACHABLE
from tests.support.worlds import World


def test_a_known_address_gets_its_link(sql_world: World) -> None:
    """The link goes to the address on the roll, once, and is valid from the request on; the timeline says so."""
    (voter,) = sql_world.add()
    handle = sql_world.ask(CAMILLE.upper())
    sql_world.clock.move(minutes=30)

    sql_world.courier().run_once()

    (mail,) = sql_world.post.taken
    state = sql_world.state(handle)
    assert mail.envelope.recipient == CAMILLE
    assert isinstance(state, LinkSent)
    (link,) = state.links
    assert (link.digest, link.expires) == (digest(mail.link or ""), NOON + timedelta(hours=4))
    assert (state.voter, state.epoch) == (voter.id, 0)
    assert sql_world.acts(sql_world.number(handle)) == ["asked", "link-decided", "mail-accepted"]
    assert sql_world.counts() == {MessageState.SENT: 1}


def test_case_8_the_mail_is_in_the_voters_language_with_no_secret_in_its_headers(sql_world: World) -> None:
    """Text and HTML have the same link, its end, and the case number."""
    sql_world.add(entry(language=Language.ENGLISH))
    handle = sql_world.ask(language=Language.ENGLISH)
    sql_world.courier().run_once()

    (mail,) = sql_world.post.taken
    text, html = mail.part("plain"), mail.part("html")
    assert mail.parsed["Content-Language"] == "en"
    assert f"{ELECTION.site}/lien/{mail.link}" in html
    assert sql_world.number(handle) in text
    assert "16:00" in text
    assert not [name for name, value in mail.parsed.items() if (mail.link or "") in str(value)]
    assert parsedate_to_datetime(str(mail.parsed["Date"])) == sql_world.clock.at


def test_case_7_a_link_leads_to_the_site_of_the_settings(sql_world: World) -> None:
    """The mail has nothing that a browser sent."""
    sql_world.add()
    sql_world.link()

    (mail,) = sql_world.post.taken
    assert ELECTION.site in mail.part("plain")
    assert "http://" not in mail.part("plain") + mail.part("html").replace("http://www.w3.org", "")


def test_an_unknown_address_gets_nothing(sql_world: World) -> None:
    """The case knows no voter; the timeline says why, for the desk."""
    sql_world.add()
    handle = sql_world.ask(STRANGER)

    sql_world.courier().run_once()

    assert sql_world.post.tried == []
    assert isinstance(sql_world.state(handle), NoLinkSent)
    last = sql_world.journal(sql_world.number(handle))[-1]
    assert (last.act, last.reason, last.voter) == (EventType.ASK_DROPPED, "not-on-the-roll", None)
    assert sql_world.counts() == {MessageState.DROPPED: 1}


def test_case_2_a_frozen_voter_gets_a_mail_that_says_to_call(sql_world: World) -> None:
    """The mail says to call, and no link comes into being."""
    (voter,) = sql_world.add()
    with sql_world.store.write() as transaction:
        transaction.voters.freeze(voter.id, epoch=0, at=NOON)

    handle = sql_world.ask()
    sql_world.courier().run_once()

    (mail,) = sql_world.post.taken
    assert mail.link is None
    assert ELECTION.desk_phone in mail.part("plain")
    assert isinstance(sql_world.state(handle), NoLinkSent)
    with sql_world.store.read() as transaction:
        assert transaction.links.count_valid_links(voter.id, epoch=1, now=NOON) == 0


def test_someone_who_left_the_roll_gets_nothing(sql_world: World) -> None:
    """Someone who left the roll gets what an unknown address gets, even when the link was asked for before."""
    (voter,) = sql_world.add()
    handle = sql_world.ask()
    with sql_world.store.write() as transaction:
        transaction.roll.remove([voter.id], NOON)

    sql_world.courier().run_once()

    assert sql_world.post.tried == []
    assert isinstance(sql_world.state(handle), NoLinkSent)


def test_case_17_an_address_that_now_is_another_voters_gets_that_voters_link(sql_world: World) -> None:
    """The links of the former owner are removed from the case."""
    (former,) = sql_world.add()
    handle = sql_world.ask()
    sql_world.courier().run_once()
    with sql_world.store.write() as transaction:
        transaction.roll.correct([(former.id, entry("elsewhere@ac-lumiere.example"))])
    (newcomer,) = sql_world.add(entry(numen_digest=b"newcomer", first_name="Claude"))
    sql_world.clock.move(minutes=3)

    sql_world.ask_again(handle)
    sql_world.courier().run_once()

    state = sql_world.state(handle)
    assert isinstance(state, LinkSent)
    assert (state.voter, len(state.links)) == (newcomer.id, 1)
    assert "Claude" in sql_world.post.taken[-1].part("plain")
    sql_world.links.choose_password(sql_world.post.links(CAMILLE)[-1], GOOD)
    assert sql_world.voter().id == newcomer.id


def test_case_52_each_ask_mails_a_link_and_each_lives_to_its_own_expiry(sql_world: World) -> None:
    """Each link lives to its own expiry, whatever strangers ask for before, between and after."""
    sql_world.add()
    for hour in range(3):
        for stranger in range(6):
            sql_world.ask(network=f"198.51.{hour}.{stranger}")
        sql_world.ask()
        sql_world.courier().run_once()
        sql_world.clock.move(hours=1)

    links = sql_world.post.links(CAMILLE)

    assert len(links) == 21
    assert all(sql_world.links.find_working(token) for token in links)
    sql_world.clock.move(hours=1)
    with pytest.raises(errors.LinkExpired):
        sql_world.links.find_working(links[0])
    assert all(sql_world.links.find_working(token) for token in links[7:])


def test_a_case_does_not_keep_the_links_that_have_expired(sql_world: World) -> None:
    """A case that is asked in for weeks stays small, and its former links go on saying that they expired."""
    sql_world.add()
    handle = sql_world.ask()
    for _ in range(3):
        sql_world.courier().run_once()
        sql_world.clock.move(hours=3)
        sql_world.ask_again(handle)
    sql_world.courier().run_once()

    state = sql_world.state(handle)

    assert isinstance(state, LinkSent)
    assert len(state.links) == 2
    with pytest.raises(errors.LinkExpired):
        sql_world.links.find_working(sql_world.post.links(CAMILLE)[0])


def test_who_is_frozen_while_a_batch_is_decided_gets_no_link(sql_world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """The decision on a batch notices a freeze that came after its voters were looked up, and the others get their links."""
    _, voter = sql_world.add(entry(), entry("second@ac-lumiere.example"))
    sql_world.ask()
    sql_world.ask(voter.email)
    look_up, frozen = LinkRequestBatch.look_up_recipients, []

    def freeze_after(requests: LinkRequestBatch, messages: Sequence[OutboxMessage]) -> None:
        look_up(requests, messages)
        if not frozen:
            with sql_world.store.write() as transaction:
                frozen.append(transaction.voters.freeze(voter.id, epoch=0, at=NOON))

    monkeypatch.setattr(LinkRequestBatch, "look_up_recipients", freeze_after)
    sql_world.courier().run_once()

    first, second = sql_world.post.taken
    assert first.link is not None
    assert (second.envelope.recipient, second.link) == (voter.email, None)
    with sql_world.store.read() as transaction:
        assert transaction.links.count_valid_links(voter.id, epoch=1, now=NOON) == 0


def test_a_frozen_voter_gets_one_mail_an_hour(sql_world: World) -> None:
    """One mail goes out, however often and by however many couriers asks are decided; the timeline says why no other left."""
    (voter,) = sql_world.add()
    with sql_world.store.write() as transaction:
        transaction.voters.freeze(voter.id, epoch=0, at=NOON)
    for network in range(3):
        handles = [sql_world.ask(network=f"192.0.2.{network}") for _ in range(3)]
        sql_world.courier().run_once()
        sql_world.clock.move(minutes=10)

    assert [mail.link for mail in sql_world.post.to(CAMILLE)] == [None]
    last = sql_world.journal(sql_world.number(handles[-1]))[-1]
    assert (last.act, last.reason, last.voter) == (EventType.ASK_DROPPED, "frozen-told-already", voter.id)
    assert sql_world.counts() == {MessageState.SENT: 1, MessageState.DROPPED: 8}
    sql_world.clock.move(minutes=30)
    sql_world.ask()
    sql_world.courier().run_once()
    assert len(sql_world.post.to(CAMILLE)) == 2


def test_couriers_at_once_send_one_mail_to_a_frozen_voter(any_world: World) -> None:
    """Couriers that have claimed different asks send one mail together."""
    (voter,) = any_world.add()
    with any_world.store.write() as transaction:
        transaction.voters.freeze(voter.id, epoch=0, at=NOON)
    for number in range(8):
        any_world.ask(network=f"192.0.2.{number}")
    with any_world.store.write(Durability.RELAXED) as transaction:
        messages = transaction.outbox.claim(now=NOON, lease=timedelta(minutes=5), limit=8)

    def prepare(message: OutboxMessage) -> bool:
        return any_world.courier().preparation.prepare(message) is not None

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(prepare, messages)) == 1


def test_every_try_of_a_message_is_the_same_bytes(sql_world: World) -> None:
    """Every try has the same token and Message-ID, whatever the clock says."""
    sql_world.add()
    sql_world.post.says = POSTPONES
    sql_world.ask()

    for _ in range(3):
        sql_world.courier().run_once()
        sql_world.clock.move(minutes=1)

    first, *others = sql_world.post.tried
    assert len(others) == 2
    assert {mail.envelope for mail in others} == {first.envelope}
    with sql_world.store.read() as transaction:
        assert transaction.links.count_valid_links(sql_world.voter().id, epoch=0, now=NOON) == 1


@pytest.mark.parametrize("email", [CAMILLE, STRANGER])
def test_while_no_relay_answers_nothing_is_decided(sql_world: World, email: str) -> None:
    """A known and an unknown address wait alike, and are decided once one does."""
    sql_world.add()
    sql_world.post.says = UNREACHABLE
    handle = sql_world.ask(email)
    for _ in range(5):
        sql_world.courier().run_once()
        sql_world.clock.move(seconds=5)

    assert sql_world.acts(sql_world.number(handle)) == ["asked"]
    assert sql_world.post.tried == []
    sql_world.post.says = ACCEPTS
    sql_world.courier().run_once()
    assert len(sql_world.post.taken) == (email == CAMILLE)
    assert sql_world.counts() == {MessageState.SENT if email == CAMILLE else MessageState.DROPPED: 1}


def test_two_messages_of_one_case_have_two_message_ids(sql_world: World) -> None:
    """Two Message-IDs keep a mailbox from taking the second mail for the first."""
    sql_world.add()
    handle = sql_world.ask()
    sql_world.courier().run_once()
    sql_world.clock.move(minutes=3)
    sql_world.ask_again(handle)
    sql_world.courier().run_once()

    first, second = sql_world.post.taken
    assert first.envelope.message_id != second.envelope.message_id
    assert first.link != second.link


def test_a_notice_to_nobody_is_dropped(world: World) -> None:
    """A notice that names no voter is dropped; one that names a voter who is no longer there, the database refuses."""
    with world.store.write() as transaction:
        transaction.outbox.put(
            kind=MessageKind.CHANGED, case="7F3K-92QD", at=NOON, useful_until=NOON + timedelta(hours=1)
        )

    world.courier().run_once()

    assert world.counts() == {MessageState.DROPPED: 1}
    assert world.journal("7F3K-92QD")[0].reason == "no-such-voter"


def test_a_sealed_message_opens_in_its_own_row_only(world: World) -> None:
    """A sealed message that was altered, or copied to another row, is refused."""
    world.add()
    world.link()
    (mail,) = world.post.taken
    body = seal_message(world.dependencies.vault, 7, mail.envelope)

    assert open_message(world.dependencies.vault, 7, body) == mail.envelope
    for parcel, changed in ((8, body), (7, body[:-1]), (7, b"")):
        with pytest.raises(SealedBodyUnreadable):
            open_message(world.dependencies.vault, parcel, changed)


def test_case_42_a_waiting_message_is_unreadable_in_the_store(sql_world: World) -> None:
    """A message is sealed until it is sent, then erased."""
    sql_world.add()
    sql_world.post.says = POSTPONES
    sql_world.ask()
    sql_world.courier().run_once()
    token = (sql_world.post.tried[0].link or "").encode()

    (body,) = sql_world.kept.bodies().values()

    assert body is not None
    assert token not in body
    assert CAMILLE.encode() not in body
    assert token.decode() not in sql_world.kept.dump()
