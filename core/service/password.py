"""From the link to the new password (MP-5 to MP-7): who holds a link may choose, once."""

import re
from dataclasses import dataclass
from datetime import datetime, timedelta

from core import errors, tokens
from core.answers import plain
from core.policy import Deed
from core.ports import Act, Actor, Durability, Event, HeldLink, ParcelKind, Voter
from core.recovery import LinkNotInForce, LinkSent, LinkTooOld
from core.service.guessable import guessable
from core.service.tools import Tools, until_unmoved
from core.steps import Problems
from core.text import Moment

SHORTEST_WORD = 3
"""A name of two letters stands in too many words to be forbidden."""


@dataclass(frozen=True, slots=True)
class Links:
    """The link half of a password recovery."""

    tools: Tools

    def open(self, token: str) -> None:
        """Looks at a link that was clicked, perhaps by a scanner: an observation, written once, moves nothing.

        Raises LinkDamaged, and as `held`.
        """
        if not tokens.well_formed(token):
            raise errors.LinkDamaged
        held = self.held(token)
        now = self.tools.clock.now()
        self._working(held, now)
        if held.record.opened is None:
            self._observe(held, now)

    def _observe(self, held: HeldLink, now: datetime) -> None:
        with self.tools.store.write(Durability.RELAXED) as transaction:
            if transaction.links.observe(held.record.digest, now):
                transaction.journal.write(_event(now, Act.LINK_OPENED, held))

    def held(self, token: str | None) -> HeldLink:
        """Whose link that is, working or not. Raises LinkUnknown."""
        if token is None:
            raise errors.LinkUnknown
        with self.tools.store.look() as transaction:
            held = transaction.links.find(tokens.digest(token))
        if held is None:
            raise errors.LinkUnknown
        return held

    def working(self, token: str | None) -> HeldLink:
        """A link that would work now. Raises LinkUnknown, LinkUsed, LinkExpired, LinkReplaced, AccountFrozen."""
        held = self.held(token)
        self._working(held, self.tools.clock.now())
        return held

    def _working(self, held: HeldLink, now: datetime) -> LinkSent:
        if held.record.used is not None:
            raise errors.LinkUsed
        state = held.case.state
        if now >= held.record.expires:
            raise errors.LinkExpired(expired_at=Moment(self.tools.calendar.local(held.record.expires)))
        if held.voter.frozen is not None:
            raise errors.AccountFrozen
        if held.voter.removed is not None or held.voter.epoch != held.record.epoch or not isinstance(state, LinkSent):
            raise errors.LinkReplaced
        try:
            state.link(held.record.digest, now=now)
        except (LinkNotInForce, LinkTooOld):
            raise errors.LinkReplaced from None
        return state

    def choose_password(self, token: str | None, password: str) -> Voter:
        """Puts the new password in force and ends every other link and session of that voter.

        Raises Problems (the link stays usable), and as `working`.
        """
        self.tools.require(Deed.CHOOSE_PASSWORD, self.tools.clock.now())
        held = self.working(token)
        self._refuse_guessable(held, password)
        hashed = self.tools.hasher.hash(password)
        return until_unmoved(lambda: self._put_in_force(token, hashed))

    def _put_in_force(self, token: str | None, hashed: str) -> Voter:
        held, now = self.held(token), self.tools.clock.now()
        state = self._working(held, now)
        with self.tools.store.write(Durability.FULL) as transaction:
            completed = state.choose_password(held.record.digest, now=now)
            transaction.recoveries.move(held.case, completed, voter=held.voter.id)
            transaction.links.use(held.record.digest, now)
            transaction.voters.choose_password(held.voter.id, hashed, epoch=held.record.epoch, at=now)
            transaction.outbox.post(
                kind=ParcelKind.CHANGED,
                case=held.case.number,
                at=now,
                useful_until=now + timedelta(minutes=self.tools.policy.notice_useful_minutes),
                voter=held.voter.id,
            )
            transaction.journal.write(_event(now, Act.PASSWORD_CHOSEN, held))
        return held.voter

    def _refuse_guessable(self, held: HeldLink, password: str) -> None:
        rejected = guessable(password, words_about(held.voter), self.tools.guesses, self.tools.policy)
        if rejected is None:
            return
        self.note_refusal(held, rejected.id)
        raise Problems({"new_password": rejected})

    def note_refusal(self, held: HeldLink, reason: str) -> None:
        """Writes which rule a password broke, or what was wrong with its link, so that the desk can say it; never the password."""
        with self.tools.store.write(Durability.RELAXED) as transaction:
            transaction.journal.write(_event(self.tools.clock.now(), Act.PASSWORD_REFUSED, held, reason))


def words_about(voter: Voter) -> tuple[str, ...]:
    """A voter's names and the parts of their address, long enough to mean them, plain."""
    local = voter.email.split("@", 1)[0]
    whole = (voter.email, local, voter.last_name, voter.first_name)
    words = {plain(word) for text in whole for word in (text, *re.split(r"[^\w]+|_", text))}
    return tuple(sorted(word for word in words if len(word) >= SHORTEST_WORD))


def _event(at: datetime, act: Act, held: HeldLink, reason: str | None = None) -> Event:
    return Event(at=at, actor=Actor.VOTER, act=act, case=held.case.number, voter=held.voter.id, reason=reason)
