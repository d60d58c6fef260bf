"""One voter's history in the journal, used to check that the voter's rows are the latest ones."""

import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from core.ports import LACKED_BY_PLATFORM, TO_CONFIRM, UNKNOWN_HERE, EventType, MessageKind, SmsDeliveryStatus

BEGINS_EPOCH = {EventType.PASSWORD_CHOSEN, EventType.FROZEN, EventType.UNFROZEN}
RESERVES = {EventType.CODE_ACCEPTED, EventType.REISSUE_CONFIRMED}
ORDERS = RESERVES | {EventType.IDENTIFIER_IN_FORCE}
"""Events after which a re-issue of their case is stored."""
ARRIVED = f"{MessageKind.IDENTIFIER} {SmsDeliveryStatus.DELIVERED}"
"""Reason of the report that an identifier was delivered."""
SENT = f"{MessageKind.IDENTIFIER} "
"""Prefix of the reason when a gateway took the SMS with an identifier."""
GENERATION = re.compile("[0-9]{1,9}")
FIRST = (0, None)
"""The identifier before any re-issue."""


@dataclass(slots=True)
class ReissueStateFromJournal:
    """The journal's history of a reserved re-issue."""

    generation: str | None = None
    reserved: int = 0
    """Number of reservations. More than one if the row was deleted in between, zero if the order was forged."""
    over: bool = False
    """True if the SMS was sent, or the re-issue was lost or given up."""
    lost_free: bool = False
    """True if the slot was released when the SMS was lost."""
    freed: bool = False
    """True if the slot was ever released."""
    arrived_after_all: bool = False
    """True if the SMS arrived afterwards, so the re-issue counts again."""
    withdrawn: bool = False
    """True if the voting platform lost it."""

    def add(self, act: str, reason: str) -> None:
        match act:
            case EventType.CODE_ACCEPTED | EventType.REISSUE_CONFIRMED:
                self.reserved += 1
            case EventType.IDENTIFIER_IN_FORCE:
                self.generation = reason
            case EventType.SMS_ACCEPTED if reason.startswith(SENT):
                self.over = True
            case EventType.CALL_NEEDED if reason == UNKNOWN_HERE:
                self.reserved, self.over = self.reserved + 1, True
            case EventType.CALL_NEEDED if reason == LACKED_BY_PLATFORM:
                self.withdrawn = True
            case EventType.IDENTIFIER_LOST:
                self.over, self.lost_free = True, reason != "counted"
                self.freed = self.freed or self.lost_free
            case EventType.REISSUE_GIVEN_UP:
                self.over = self.freed = True
            case EventType.SMS_REPORTED if reason == ARRIVED and self.generation is not None:
                self.over, self.arrived_after_all = True, self.lost_free

    def is_consistent_with(self, row: Mapping[str, Any]) -> bool:
        """Return whether this can be the latest version of the re-issue's row."""
        if self.reserved != 1 or (self.over and row["ended"] is None):
            return False
        if self.withdrawn:
            return row["generation"] is None
        if self.generation is not None and str(row["generation"]) != self.generation:
            return False
        return (row["slot"] is None) == (self.freed and not self.arrived_after_all)


@dataclass(slots=True)
class VoterStateFromJournal:
    """The journal's history of a voter."""

    epochs: int = 0
    """Number of epochs that began by events. Imports begin further epochs."""
    frozen: bool | None = None
    """True if the account is frozen, False if it was unfrozen, None if it was never frozen."""
    chosen: datetime | None = None
    """The time at which the current password was chosen, or None."""
    credential: str | None = None
    """The digest of the current password, if recorded."""
    reissued: dict[str, ReissueStateFromJournal] = field(default_factory=dict)
    """The reserved re-issues, by case."""
    in_force: tuple[int, str | None] = FIRST
    """The last generation in force, and the digest of the platform's account if recorded."""
    may_be_later: bool = False
    """True if a re-issue was reserved since. The platform may have put it in force even if it was given up here."""
    withdrawn: bool = False
    """True if the platform lost the identifier in force."""
    claims: set[str] = field(default_factory=set)
    """The digests of the claimed numbers, if recorded."""
    accepted: bool = False
    """True if a code was accepted, which claims the number."""
    links: Counter[str] = field(default_factory=Counter)
    readable: bool = True
    """False if a line about an identifier in force is malformed, so not written by this product."""

    def add(self, act: str, at: datetime, case: str | None, credential: str | None, reason: str | None) -> None:
        self.epochs += act in BEGINS_EPOCH
        match act:
            case EventType.PASSWORD_CHOSEN | EventType.PASSWORD_REHASHED:
                self.credential = credential
                self.chosen = at if act == EventType.PASSWORD_CHOSEN else self.chosen
            case EventType.FROZEN:
                self.frozen = True
            case EventType.UNFROZEN:
                self.frozen, self.chosen, self.credential = False, None, None
            case EventType.CODE_ACCEPTED:
                self.accepted = True
                self.claims |= set() if credential is None else {credential}
            case EventType.IDENTIFIER_IN_FORCE:
                self._put_in_force(case, credential, reason or "")
            case _:
                pass
        if case is None or (reason or "").endswith(TO_CONFIRM):
            return
        if act == EventType.LINK_DECIDED:
            self.links[case] += 1
        if act in ORDERS or reason == UNKNOWN_HERE or case in self.reissued:
            self.reissued.setdefault(case, ReissueStateFromJournal()).add(act, reason or "")
            self.may_be_later |= act in RESERVES or reason == UNKNOWN_HERE
            self.withdrawn |= act == EventType.CALL_NEEDED and reason == LACKED_BY_PLATFORM

    def _put_in_force(self, case: str | None, credential: str | None, reason: str) -> None:
        if case is None or not GENERATION.fullmatch(reason):
            self.readable = False
            return
        former, known = self.in_force
        self.in_force = int(reason), known if credential is None and former == int(reason) else credential
        self.may_be_later = self.withdrawn = False

    def agrees_with_platform_account(self, generation: int, digest: str) -> bool:
        """Return whether the embedded platform's account can have that generation and digest."""
        told, known = self.in_force
        if generation == told:
            return told == 0 or known in {None, digest}
        return self.withdrawn or (self.may_be_later and generation > told)

    def is_consistent_with(self, row: Mapping[str, Any], digest: str | None, *, purged: datetime | None) -> bool:
        """Return whether this can be the latest version of the voter's row.

        `digest` is the digest of the row's credential; `purged` is the time of the last purge of passwords.
        """
        if row["epoch"] < self.epochs or not self.readable:
            return False
        if self.frozen is not None and self.frozen != (row["frozen"] is not None):
            return False
        if self.frozen is False and self.chosen is None:
            return row["password"] is None
        if self.chosen is not None and purged is not None and self.chosen <= purged:
            return row["password"] is None
        known = row["password_set"] == self.chosen if self.credential is None else digest == self.credential
        return self.chosen is None or bool(known)
