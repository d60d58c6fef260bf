"""Freezes a voter's account through a link in an email, and informs the helpdesk."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple

import msgspec

from core.flows.account.stop_change_definition import StoppableChange
from core.flows.dependencies import Dependencies, retry_on_conflict
from core.flows.repeated_forms import count_form
from core.forms import errors
from core.policy.calendar import CalendarOperation
from core.ports import Actor, Event, EventType, MessageKind, OutboxMessage, Transaction, Voter
from core.security import key_purposes, tokens
from core.text.text import Moment
from core.text.urls import STOP_PATH


class StopChangeLinkPayload(msgspec.Struct, frozen=True, array_like=True):
    voter: int
    case: str
    changed: datetime
    matter: StoppableChange = StoppableChange.PASSWORD


def stop_link(dependencies: Dependencies, message: OutboxMessage, voter: Voter, matter: StoppableChange) -> str:
    """Return a link that lets the voter freeze the account."""
    notice = StopChangeLinkPayload(voter=voter.id, case=message.case, changed=message.created, matter=matter)
    token = tokens.seal(dependencies.vault, key_purposes.STOP_LINK, notice)
    return f"{dependencies.election.site}{STOP_PATH}{token}"


class FoundNotice(NamedTuple):
    notice: StopChangeLinkPayload
    voter: Voter


@dataclass(frozen=True, slots=True)
class StopChangeLinks:
    dependencies: Dependencies

    def find_notice(self, token: str | None) -> FoundNotice:
        """Decrypt a freeze link and find its voter. Raises StopLinkUnknown, StopLinkAccountReopened, StopLinkExpired."""
        notice = tokens.unseal(self.dependencies.vault, key_purposes.STOP_LINK, token, StopChangeLinkPayload)
        if notice is None:
            raise errors.StopLinkUnknown
        with self.dependencies.store.read() as transaction:
            voter = transaction.voters.by_id(notice.voter)
        if voter is None:
            raise errors.StopLinkUnknown
        to_local = self.dependencies.calendar.to_local
        if voter.reopened is not None and notice.changed <= voter.reopened:
            raise errors.StopLinkAccountReopened(reopened_at=Moment(to_local(voter.reopened)))
        expires = notice.changed + timedelta(days=self.dependencies.policy.stop_link_days)
        if self.dependencies.clock.now() >= expires:
            raise errors.StopLinkExpired(expired_at=Moment(to_local(expires)))
        return FoundNotice(notice, voter)

    def freeze(self, token: str | None) -> None:
        self.dependencies.require_open(CalendarOperation.STOP, self.dependencies.clock.now())
        retry_on_conflict(lambda: self._freeze(token))

    def _freeze(self, token: str | None) -> None:
        notice, voter = self.find_notice(token)
        disowns = notice.matter is StoppableChange.IDENTIFIER
        now = self.dependencies.clock.now()
        with self.dependencies.store.write() as transaction:
            disowns = disowns and not self._is_disowned(transaction, notice.case)
            if voter.frozen is not None and not disowns:
                return
            event = Event(
                at=now, actor=Actor.VOTER, act=EventType.IDENTIFIER_DISOWNED, case=notice.case, voter=voter.id
            )
            if disowns:
                transaction.journal.write(event)
            if voter.frozen is None:
                transaction.voters.freeze(voter.id, epoch=voter.epoch, at=now)
                self.dependencies.queue_notice(
                    transaction, MessageKind.STOPPED, case=notice.case, voter=voter.id, at=now
                )
                transaction.journal.write(msgspec.structs.replace(event, act=EventType.FROZEN, reason="not-me"))
            self.dependencies.queue_freeze_update(transaction, case=notice.case, voter=voter.id, at=now)

    def _is_disowned(self, transaction: Transaction, case: str) -> bool:
        return any(event.act == EventType.IDENTIFIER_DISOWNED for event in transaction.journal.of_case(case))

    def record_change_recognised(self, token: str | None, form: bytes | None) -> None:
        """Record that the voter confirms the change. Raises the errors of `find_notice`."""
        notice, voter = self.find_notice(token)
        now = self.dependencies.clock.now()
        with self.dependencies.store.write() as transaction:
            if count_form(self.dependencies, transaction, form, now, EventType.CHANGE_RECOGNISED) == 1:
                event = Event(
                    at=now, actor=Actor.VOTER, act=EventType.CHANGE_RECOGNISED, case=notice.case, voter=voter.id
                )
                transaction.journal.write(event)
