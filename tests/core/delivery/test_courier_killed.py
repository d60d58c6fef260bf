"""A courier that is killed at any moment loses no message. At most one message is sent twice, with the same bytes."""

from collections.abc import Callable
from dataclasses import replace
from itertools import count

import pytest

from core.delivery.lease import LEASE
from core.ports import ComposedMail, MessageState, SendAccepted, SendPostponed, SendRefused
from core.text.text import Language
from core.text.translation import translate
from tests.support.desk import add_known, signed_in_agent
from tests.support.election import CAMILLE, GOOD, entry
from tests.support.mortal import Killed, MortalStore, Reaper
from tests.support.post import Post
from tests.support.stores import KeptStore
from tests.support.worlds import World, fresh_world

OTHERS = ("second@ac-lumiere.example", "third@ac-lumiere.example")


class MortalPost(Post):
    """A mail server during whose work the courier may be killed, before or after a message is accepted."""

    def __init__(self, post: Post, reaper: Reaper) -> None:
        super().__init__()
        self._post = post
        self._tick = reaper.tick

    def reachable(self) -> bool:
        self._tick()
        return self._post.reachable()

    def send(self, envelope: ComposedMail) -> SendAccepted | SendRefused | SendPostponed:
        self._tick()
        answer = self._post.send(envelope)
        self._tick()
        return answer


def killed_at(election: World, instant: int) -> bool:
    """Run a courier that is killed at the given step. Returns False if the courier finished before this step."""
    reaper = Reaper(instant)
    mortal = World(election.kept, replace(election.dependencies, store=MortalStore(election.store, reaper)))
    try:
        mortal.courier(MortalPost(election.post, reaper)).run_once()
    except Killed:
        return True
    return False


def asked(election: World) -> None:
    """Let three voters request a link."""
    election.add(entry(), *map(entry, OTHERS))
    for email in (CAMILLE, *OTHERS):
        election.ask(email)


def changed(election: World) -> None:
    """Let a voter wait for the notice of a new password."""
    election.add()
    election.with_password()
    election.post.tried.clear()
    election.post.taken.clear()


def finish(election: World) -> None:
    """Run other couriers after the claim of the killed courier has expired."""
    election.clock.move(seconds=LEASE.total_seconds())
    while election.courier().run_once():
        pass


@pytest.mark.parametrize(("begin", "messages"), [(asked, 3), (changed, 1)], ids=["asks", "notice"])
def test_killed_at_any_instant(kept: KeptStore, begin: Callable[[World], None], messages: int) -> None:
    """Wherever the courier is killed, each message is sent, and at most one is sent twice with the same bytes."""
    for instant in count():
        election = fresh_world(kept)
        begin(election)

        if not killed_at(election, instant):
            break
        finish(election)

        sent = [mail.envelope for mail in election.post.taken]
        once = {envelope.message_id: envelope for envelope in sent}
        assert len(once) == messages, instant
        assert messages <= len(sent) <= messages + 1, instant
        assert all(once[envelope.message_id] == envelope for envelope in sent), instant
        assert_one_link_a_voter(election, instant)
    assert instant > 9 * messages


def assert_one_link_a_voter(election: World, instant: int) -> None:
    """Check that exactly one link was created and sent for each voter."""
    with election.store.read() as transaction:
        voters = [transaction.voters.by_address(email) for email in (CAMILLE, *OTHERS)]
        alive = [
            transaction.links.count_valid_links(v.id, epoch=0, now=election.clock.at)
            for v in voters
            if v and v.epoch == 0
        ]
        counts = transaction.outbox.counts()
    assert alive == [1] * len(alive), instant
    assert set(counts) == {MessageState.SENT}, instant
    for token in {mail.link for mail in election.post.taken if mail.link}:
        election.links.find_working(token)


class SlowCourier(Post):
    """A mail server that answers so late that other couriers have meanwhile taken over and sent the messages."""

    def __init__(self, election: World) -> None:
        super().__init__(tried=election.post.tried, taken=election.post.taken)
        self._election = election

    def reachable(self) -> bool:
        finish(self._election)
        return True


@pytest.mark.usefixtures("logged")
def test_a_courier_that_wakes_after_its_lease_sends_no_second_link(any_world: World) -> None:
    """A courier whose claim has expired sends nothing if another courier has already sent the messages."""
    asked(any_world)

    any_world.courier(SlowCourier(any_world)).run_once()

    assert len(any_world.post.taken) == 3
    assert_one_link_a_voter(any_world, 0)


def test_a_used_link_whose_sending_was_never_recorded_is_not_called_unsent(world: World) -> None:
    """If a voter uses a link that a killed courier had sent, no timeline line says that the mail was not sent."""
    voter = add_known(world)
    world.ask()
    with pytest.raises(Killed):
        world.courier(MortalPost(world.post, Reaper(2))).run_once()
    world.links.choose_password(world.post.taken[0].link, GOOD)
    world.courier().run_once()

    finish(world)

    lines = world.services.desk.files.timeline(signed_in_agent(world), voter.id)
    assert [mail.link for mail in world.post.taken[1:]] == [None]
    assert [translate(line.sentence, Language.FRENCH) for line in lines[-2:]] == [
        "L'avis de changement est parti.",
        "Le message n'est plus envoyé : l'accès a changé depuis, son lien ne sert plus.",
    ]
