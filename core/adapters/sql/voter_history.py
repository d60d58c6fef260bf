"""Computes from the journal what a voter's rows should contain."""

import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from core.ports import (
    FREE_ON_PLATFORM,
    FROZEN_ON_PLATFORM,
    LACKED_BY_PLATFORM,
    TO_CONFIRM,
    UNKNOWN_HERE,
    EventType,
    MessageKind,
    SmsDeliveryStatus,
)

BEGINS_EPOCH = {EventType.PASSWORD_CHOSEN, EventType.FROZEN, EventType.UNFROZEN}
RESERVES = {EventType.CODE_ACCEPTED, EventType.REISSUE_CONFIRMED}
ORDERS = RESERVES | {EventType.IDENTIFIER_IN_FORCE}
"""Types of events after which a case must have a re-issue."""
ARRIVED = f"{MessageKind.IDENTIFIER} {SmsDeliveryStatus.DELIVERED}"
"""Event reason for the delivery of an SMS with a voting identifier."""
SENT = f"{MessageKind.IDENTIFIER} "
"""Prefix of the event reason when a gateway accepts an SMS with a voting identifier."""
GIVEN_BACK = "given-back"
"""Last word of the event reason if a revoked identifier no longer counts against the limit."""
GENERATION = re.compile(f"([0-9]{{1,9}})(?: counted| {GIVEN_BACK})?")
FIRST = (0, None)


@dataclass(slots=True)
class ReissueStateFromJournal:
    generation: str | None = None
    reserved: int = 0
    """Number of reservations in the journal. If it is not 1, a row was forged or deleted."""
    over: bool = False
    """True if this re-issue has ended."""
    lost_free: bool = False
    """True if the re-issue does not count against the limit because the SMS was lost."""
    freed: bool = False
    """True if this re-issue was excluded from the voter's limit, at least for a time."""
    arrived_after_all: bool = False
    """True if the SMS arrived after it was reported lost."""
    withdrawn: bool = False
    revoked: bool = False
    """True if the voting platform revoked the identifier."""

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
            case EventType.IDENTIFIER_REVOKED:
                self.generation, _, outcome = reason.partition(" ")
                self.over = self.revoked = True
                self.freed = outcome == GIVEN_BACK or (self.freed and not self.arrived_after_all)
                self.arrived_after_all = False
            case EventType.SMS_REPORTED if reason == ARRIVED and self.generation is not None and not self.revoked:
                self.over, self.arrived_after_all = True, self.lost_free

    def is_consistent_with(self, row: Mapping[str, Any]) -> bool:
        """Return whether the re-issue's row agrees with the journal."""
        if self.reserved != 1 or (self.over and row["ended"] is None):
            return False
        if self.withdrawn:
            return row["generation"] is None
        if self.generation is not None and str(row["generation"]) != self.generation:
            return False
        return (row["slot"] is None) == (self.freed and not self.arrived_after_all)


@dataclass(slots=True)
class VoterStateFromJournal:
    epochs: int = 0
    """Number of the voter's epochs that did not begin with a roll import."""
    frozen: bool | None = None
    """True if the account is frozen, False if unfrozen, None if never frozen."""
    chosen: datetime | None = None
    credential: str | None = None
    reissued: dict[str, ReissueStateFromJournal] = field(default_factory=dict)
    in_force: tuple[int, str | None] = FIRST
    """Number of the current identifier and, if known, the digest of the platform account."""
    may_be_later: bool = False
    """True if the platform may have a newer identifier."""
    withdrawn: bool = False
    frozen_on_platform: bool = False
    claims: set[str] = field(default_factory=set)
    accepted: datetime | None = None
    """Time when the voter last entered a correct security code."""
    latest: dict[str, datetime] = field(default_factory=dict)
    links: Counter[str] = field(default_factory=Counter)
    readable: bool = True
    """False if an event about an identifier is malformed."""

    def add(self, act: str, at: datetime, case: str | None, credential: str | None, reason: str | None) -> None:
        self.epochs += act in BEGINS_EPOCH
        match act:
            case EventType.PASSWORD_CHOSEN | EventType.PASSWORD_REHASHED:
                self.credential = credential or self.credential  # a missing digest never replaces a known one
                self.chosen = at if act == EventType.PASSWORD_CHOSEN else self.chosen
            case EventType.FROZEN:
                self.frozen = True
            case EventType.UNFROZEN:
                self.frozen, self.chosen, self.credential = False, None, None
            case EventType.CODE_ACCEPTED:
                self.accepted = at
                self.claims |= set() if credential is None else {credential}
            case EventType.PLATFORM_TOLD if reason in {FREE_ON_PLATFORM, FROZEN_ON_PLATFORM}:
                self.frozen_on_platform = reason == FROZEN_ON_PLATFORM
            case EventType.IDENTIFIER_IN_FORCE | EventType.IDENTIFIER_REVOKED:
                self._put_in_force(case, credential, reason or "")
            case _:
                pass
        if case is None or (reason or "").endswith(TO_CONFIRM):
            return
        self.latest[case] = at
        if act == EventType.LINK_DECIDED:
            self.links[case] += 1
        if act in ORDERS or reason == UNKNOWN_HERE or case in self.reissued:
            self.reissued.setdefault(case, ReissueStateFromJournal()).add(act, reason or "")
            self.may_be_later |= act in RESERVES or reason == UNKNOWN_HERE
            self.withdrawn |= act == EventType.CALL_NEEDED and reason == LACKED_BY_PLATFORM

    def _put_in_force(self, case: str | None, credential: str | None, reason: str) -> None:
        generation = GENERATION.fullmatch(reason)
        if case is None or generation is None:
            self.readable = False
            return
        self.in_force = int(generation[1]), credential or self.in_force[1]
        self.may_be_later = self.withdrawn = False

    def agrees_with_platform_account(self, generation: int, digest: str) -> bool:
        current, known = self.in_force
        if generation == current:
            return current == 0 or known in {None, digest}
        return self.withdrawn or (self.may_be_later and generation > current)

    def is_consistent_with(self, row: Mapping[str, Any], digest: str | None, *, purged: datetime | None) -> bool:
        """Return whether the voter's row agrees with the journal."""
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
