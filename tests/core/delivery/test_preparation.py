"""The courier decides on a request. Only this decision looks up to whom an address belongs."""

from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import timedelta
from email.utils import parsedate_to_datetime
from functools import partial

import pytest
from sqlalchemy import select

from core.adapters.sql.tables import voters
from core.adapters.sql.voter_accounts import SqlVoterAccounts
from core.delivery.preparation import VoterLockedError
from core.delivery.retry_backoff import FIRST_SECONDS
from core.flows.password.states import LinkSent, NoLinkSent
from core.forms import errors
from core.forms.flow_model import Channel
from core.ports import EventType, MessageKind, MessageState, OutboxMessage
from core.security.outbox_sealing import SealedBodyUnreadable, open_message, seal_message
from core.security.tokens import digest
from core.text.text import Language
from tests.support.election import CAMILLE, ELECTION, GOOD, NOON, STRANGER, entry
from tests.support.post import ACCEPTS, POSTPONES, UNREACHABLE
from tests.support.stores import reading, writing
from tests.support.worlds import World


def test_a_known_address_gets_its_link(world: World) -> None:
    """A known address gets one link, which is valid for four hours from the request."""
    (voter,) = world.add()
    handle = world.ask(CAMILLE.upper())
    world.clock.move(minutes=30)

    world.courier().run_once()

    (mail,) = world.post.taken
    state = world.state(handle)
    assert mail.envelope.recipient == CAMILLE
    assert isinstance(state, LinkSent)
    (link,) = state.links
    assert (link.digest, link.expires) == (digest(mail.link or ""), NOON + timedelta(hours=4))
    assert (state.voter, state.epoch) == (voter.id, 0)
    assert world.acts(world.number(handle)) == ["asked", "link-decided", "mail-accepted"]
    assert world.counts() == {MessageState.SENT: 1}


def test_the_mail_is_in_the_voters_language(world: World) -> None:
    """The link mail is in the voter's language and says until when the link is valid.

    Its headers do not contain the link.
    """
    world.add(entry(language=Language.ENGLISH))
    handle = world.ask(language=Language.ENGLISH)
    world.courier().run_once()

    (mail,) = world.post.taken
    text, html = mail.part("plain"), mail.part("html")
    assert mail.parsed["Content-Language"] == "en"
    assert f"{ELECTION.site}/lien/{mail.link}" in html
    assert world.number(handle) in text
    assert "16:00" in text
    assert not [name for name, value in mail.parsed.items() if (mail.link or "") in str(value)]
    assert parsedate_to_datetime(str(mail.parsed["Date"])) == world.clock.at


def test_a_link_leads_to_the_site_of_the_settings(world: World) -> None:
    """A link leads to the site in the settings."""
    world.add()
    world.link()

    (mail,) = world.post.taken
    text, html = mail.part("plain"), mail.part("html")
    assert ELECTION.site in text
    assert "http://" not in text + html.replace("http://www.w3.org", "")


def test_an_unknown_address_gets_nothing(world: World) -> None:
    """An address that is not on the roll, or no longer on it, gets no mail, and the journal says why."""
    (voter,) = world.add()
    handle = world.ask(STRANGER)

    world.courier().run_once()

    assert world.post.tried == []
    assert isinstance(world.state(handle), NoLinkSent)
    last = world.journal(world.number(handle))[-1]
    assert (last.act, last.reason, last.voter) == (EventType.ASK_DROPPED, "not-on-the-roll", None)
    assert world.counts() == {MessageState.DROPPED: 1}

    handle = world.ask()

    writing(world.store).roll.remove([voter.id], NOON)

    world.courier().run_once()

    assert world.post.tried == []
    assert isinstance(world.state(handle), NoLinkSent)


def test_an_address_that_now_is_another_voters_gets_that_voters_link(world: World) -> None:
    """If an address now belongs to another voter, this voter gets the next link, and the former links are removed."""
    (former,) = world.add()
    handle = world.ask()
    world.courier().run_once()
    writing(world.store).roll.correct([(former.id, entry("elsewhere@ac-lumiere.example"))])
    (newcomer,) = world.add(entry(numen_digest=b"newcomer", first_name="Claude"))
    world.clock.move(minutes=3)

    world.ask_again(handle)
    world.courier().run_once()

    state = world.state(handle)
    assert isinstance(state, LinkSent)
    assert (state.voter, len(state.links)) == (newcomer.id, 1)
    assert "Claude" in world.post.taken[-1].part("plain")
    world.links.choose_password(world.post.links(CAMILLE)[-1], GOOD)
    assert world.voter().id == newcomer.id


def test_each_ask_mails_a_link_and_each_lives_to_its_own_expiry(world: World) -> None:
    """Each request mails a link, and each link works until its own end, whatever strangers request in between."""
    world.add()
    for hour in range(3):
        for stranger in range(6):
            world.ask(network=f"198.51.{hour}.{stranger}")
        world.ask()
        world.courier().run_once()
        world.clock.move(hours=1)

    links = world.post.links(CAMILLE)

    assert len(links) == 21
    assert all(world.links.find_working(token) for token in links)
    world.clock.move(hours=1)
    with pytest.raises(errors.LinkExpired):
        world.links.find_working(links[0])
    assert all(world.links.find_working(token) for token in links[7:])


def test_a_case_does_not_keep_the_links_that_have_expired(world: World) -> None:
    """A case does not keep its expired links, but an expired link still says that it has expired."""
    world.add()
    handle = world.ask()
    for _ in range(3):
        world.courier().run_once()
        world.clock.move(hours=3)
        world.ask_again(handle)
    world.courier().run_once()

    state = world.state(handle)

    assert isinstance(state, LinkSent)
    assert len(state.links) == 2
    first, second, *_ = world.post.taken
    assert first.envelope.message_id != second.envelope.message_id, "or a mailbox takes the second mail for the first"
    assert first.link != second.link
    with pytest.raises(errors.LinkExpired):
        world.links.find_working(world.post.links(CAMILLE)[0])


@pytest.mark.parametrize("kept", ["postgresql"], indirect=True)
def test_a_voter_frozen_while_an_ask_is_decided_gets_no_link(any_world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """If an account is frozen while its request is being decided, the voter gets a mail without a link."""
    (voter,) = any_world.add()
    any_world.ask()
    lock = SqlVoterAccounts.lock_without_waiting

    def freeze_first(accounts: SqlVoterAccounts, whose: int) -> bool:
        monkeypatch.undo()
        writing(any_world.store).voters.freeze(voter.id, epoch=0, at=NOON)
        return lock(accounts, whose)

    monkeypatch.setattr(SqlVoterAccounts, "lock_without_waiting", freeze_first)
    any_world.courier().run_once()

    (mail,) = any_world.post.taken
    assert (mail.envelope.recipient, mail.link) == (voter.email, None)
    assert reading(any_world.store).links.count_valid_links(voter.id, epoch=1, now=NOON) == 0


@pytest.mark.parametrize("kept", ["postgresql"], indirect=True)
def test_a_voter_held_by_an_import_keeps_no_other_waiting(any_world: World) -> None:
    """If an import has locked a voter, only this voter's request waits, and other voters get their links."""
    held, free = any_world.add(entry(), entry("second@ac-lumiere.example"))
    for voter in (held, free):
        any_world.ask(voter.email)
    with any_world.kept.engine.connect() as importing:
        importing.execute(select(voters.c.id).where(voters.c.id == held.id).with_for_update())
        any_world.courier().run_once()
        assert [mail.envelope.recipient for mail in any_world.post.taken] == [free.email]
        importing.rollback()
    any_world.clock.move(seconds=FIRST_SECONDS)
    any_world.courier().run_once()

    assert [mail.envelope.recipient for mail in any_world.post.taken] == [free.email, held.email]


def test_a_frozen_voter_gets_one_mail_an_hour_that_says_to_call(world: World) -> None:
    """A voter with a frozen account gets at most one mail an hour, which has no link and asks the voter to call."""
    (voter,) = world.add()
    writing(world.store).voters.freeze(voter.id, epoch=0, at=NOON)
    for network in range(3):
        handles = [world.ask(network=f"192.0.2.{network}") for _ in range(3)]
        world.courier().run_once()
        world.clock.move(minutes=10)

    (mail,) = world.post.to(CAMILLE)
    assert (mail.link, ELECTION.desk_phone in mail.part("plain")) == (None, True)
    assert isinstance(world.state(handles[0]), NoLinkSent)
    assert reading(world.store).links.count_valid_links(voter.id, epoch=1, now=NOON) == 0
    last = world.journal(world.number(handles[-1]))[-1]
    assert (last.act, last.reason, last.voter) == (EventType.ASK_DROPPED, "frozen-told-already", voter.id)
    assert world.counts() == {MessageState.SENT: 1, MessageState.DROPPED: 8}
    world.clock.move(minutes=30)
    world.ask()
    world.courier().run_once()
    assert len(world.post.to(CAMILLE)) == 2


def test_couriers_at_once_send_one_mail_to_a_frozen_voter(any_world: World) -> None:
    """Several couriers at the same time send only one mail to a voter with a frozen account."""
    (voter,) = any_world.add()
    writing(any_world.store).voters.freeze(voter.id, epoch=0, at=NOON)
    for number in range(8):
        any_world.ask(network=f"192.0.2.{number}")
    claim = partial(writing(any_world.store).outbox.claim, now=NOON, lease=timedelta(minutes=5), limit=8)

    def is_sent(message: OutboxMessage) -> bool:
        while True:
            with suppress(VoterLockedError):
                return any_world.courier().preparation.prepare(message) is not None

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(is_sent, claim(Channel.MAIL))) == 1


def test_a_waiting_message_is_unreadable_in_the_store_and_every_try_the_same_bytes(world: World) -> None:
    """A waiting message is encrypted in the database, and each attempt sends the same bytes."""
    world.add()
    world.post.says = POSTPONES
    world.ask()

    for _ in range(3):
        world.courier().run_once()
        world.clock.move(minutes=1)

    first, *others = world.post.tried
    assert len(others) == 2
    assert {mail.envelope for mail in others} == {first.envelope}
    assert reading(world.store).links.count_valid_links(world.voter().id, epoch=0, now=NOON) == 1

    token = (world.post.tried[0].link or "").encode()

    (body,) = world.kept.bodies().values()

    assert body is not None
    assert token not in body
    assert CAMILLE.encode() not in body
    assert token.decode() not in world.kept.dump()


def test_while_no_relay_answers_nothing_is_decided(world: World) -> None:
    """While no mail server can be reached, no request is decided, for known and unknown addresses alike."""
    world.add()
    world.post.says = UNREACHABLE
    handles = [world.ask(email) for email in (CAMILLE, STRANGER)]
    for _ in range(5):
        world.courier().run_once()
        world.clock.move(seconds=5)

    assert [world.acts(world.number(handle)) for handle in handles] == [["asked"]] * 2
    assert world.post.tried == []
    world.post.says = ACCEPTS
    world.courier().run_once()
    assert world.counts() == {MessageState.SENT: 1, MessageState.DROPPED: 1}


def test_a_notice_to_nobody_is_dropped(world: World) -> None:
    """A notice that names no voter is dropped."""
    writing(world.store).outbox.put(
        kind=MessageKind.CHANGED, case="7F3K-92QD", at=NOON, useful_until=NOON + timedelta(hours=1)
    )

    world.courier().run_once()

    assert world.counts() == {MessageState.DROPPED: 1}
    assert world.journal("7F3K-92QD")[0].reason == "no-such-voter"


def test_a_sealed_message_opens_in_its_own_row_only(world: World) -> None:
    """An encrypted message that was changed or copied to another row cannot be decrypted."""
    world.add()
    world.link()
    (mail,) = world.post.taken
    body = seal_message(world.dependencies.vault, 7, mail.envelope)

    assert open_message(world.dependencies.vault, 7, body) == mail.envelope
    for parcel, changed in ((8, body), (7, body[:-1]), (7, b"")):
        with pytest.raises(SealedBodyUnreadable):
            open_message(world.dependencies.vault, parcel, changed)


@pytest.mark.parametrize("reopened", [False, True])
def test_a_link_that_waits_is_not_sent_after_a_freeze(any_world: World, *, reopened: bool) -> None:
    """A waiting link mail is not sent after the account was frozen, even if the account was reopened."""
    (voter,) = any_world.add()
    handle = any_world.ask()
    any_world.post.says = POSTPONES
    any_world.courier().run_once()
    tried = len(any_world.post.tried)
    transaction = writing(any_world.store)
    transaction.voters.freeze(voter.id, epoch=voter.epoch, at=any_world.clock.at)
    if reopened:
        transaction.voters.unfreeze(voter.id, epoch=voter.epoch + 1, at=any_world.clock.at)
    any_world.post.says = ACCEPTS
    any_world.clock.move(minutes=5)
    any_world.courier().run_once()

    assert len(any_world.post.tried) == tried
    assert any_world.acts(any_world.number(handle))[-1] == EventType.MAIL_CANCELLED
    assert any_world.counts() == {MessageState.DROPPED: 1}
