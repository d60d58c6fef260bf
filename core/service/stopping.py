"""Stopping a change one did not make: the account is frozen at once, and the desk is told (rule 4)."""

from dataclasses import dataclass
from datetime import datetime, timedelta

import msgspec

from core import errors, purposes, tokens
from core.flows.stop import Matter
from core.policy import Deed
from core.ports import Act, Actor, Durability, Event, ParcelKind, Vault, Voter
from core.service.identifier.holding import tell_platform
from core.service.tools import Tools, until_unmoved


class Notice(msgspec.Struct, frozen=True, array_like=True):
    """What the link of a notice says: whose account, which case, and when it was changed."""

    voter: int
    case: str
    changed: datetime
    matter: Matter = Matter.PASSWORD


def stop_token(vault: Vault, notice: Notice) -> str:
    """The sealed link of a notice: nothing is stored for it, and nobody can make one."""
    return tokens.base64url(vault.seal(purposes.STOP_LINK, msgspec.json.encode(notice), context=b""))


@dataclass(frozen=True, slots=True)
class Stops:
    """Freezing by the voter."""

    tools: Tools

    def noticed(self, token: str | None) -> tuple[Notice, Voter]:
        """Which notice that link is from. Raises StopLinkUnknown."""
        sealed = None if token is None else tokens.from_base64url(token)
        clear = None if sealed is None else self.tools.vault.open(purposes.STOP_LINK, sealed, context=b"")
        if clear is None:
            raise errors.StopLinkUnknown
        notice = msgspec.json.decode(clear, type=Notice)
        with self.tools.store.read() as transaction:
            voter = transaction.voters.by_id(notice.voter)
        if voter is None:
            raise errors.StopLinkUnknown
        return notice, voter

    def freeze(self, token: str | None) -> None:
        """Freezes the account and, on the platform, the identifier: links and sessions die. Doing it again changes nothing. Raises StopLinkUnknown."""
        self.tools.require(Deed.STOP, self.tools.clock.now())
        until_unmoved(lambda: self._freeze(token))

    def _freeze(self, token: str | None) -> None:
        notice, voter = self.noticed(token)
        if voter.frozen is not None:
            return
        now = self.tools.clock.now()
        with self.tools.store.write(Durability.FULL) as transaction:
            transaction.voters.freeze(voter.id, epoch=voter.epoch, at=now)
            transaction.outbox.post(
                kind=ParcelKind.STOPPED,
                case=notice.case,
                at=now,
                useful_until=now + timedelta(minutes=self.tools.policy.notice_useful_minutes),
                voter=voter.id,
            )
            tell_platform(transaction, case=notice.case, voter=voter.id, at=now)
            transaction.journal.write(
                Event(at=now, actor=Actor.VOTER, act=Act.FROZEN, case=notice.case, voter=voter.id, reason="not-me")
            )
