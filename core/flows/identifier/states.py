"""States of a request for a new voting identifier (a re-issue)."""

from datetime import datetime

import msgspec

from core.flows.identifier.sent_security_code import ResendLimits, ResendTooSoon, SealedPhoneNumber, SentSecurityCode
from core.ports import SmsBudgetReservation
from core.text.text import Language


class ConfirmationLapsed(Exception):
    """Raised when a voter confirms a request too late."""


class ReissueOpened(msgspec.Struct, frozen=True, tag="reissue-opened"):
    """A voter has requested a new identifier. `ordinal` is the number of security codes created so far."""

    voter: int
    epoch: int
    ordinal: int = 0

    def queue_code(self, number: SealedPhoneNumber, network: str, not_before: datetime) -> "CodeQueued":
        return CodeQueued(
            voter=self.voter,
            epoch=self.epoch,
            ordinal=self.ordinal,
            number=number,
            network=network,
            not_before=not_before,
            expected=not_before,
        )


class CodeQueued(msgspec.Struct, frozen=True, tag="code-queued"):
    """A security code that waits because of the voter's limits or the SMS budgets."""

    voter: int
    epoch: int
    number: SealedPhoneNumber
    ordinal: int
    network: str
    not_before: datetime
    expected: datetime
    places: SmsBudgetReservation | None = None

    def with_expected_time(self, expected: datetime, places: SmsBudgetReservation | None) -> "CodeQueued":
        return msgspec.structs.replace(self, expected=expected, places=places)

    def send(self, now: datetime, terms: ResendLimits, sendings: int = 1) -> "CodeSent":
        code = SentSecurityCode.new_code(self.ordinal + 1, now, terms, sendings)
        return CodeSent(voter=self.voter, epoch=self.epoch, number=self.number, code=code, network=self.network)

    def change_number(self) -> ReissueOpened:
        """Return the state in which the voter can enter another phone number."""
        return ReissueOpened(voter=self.voter, epoch=self.epoch, ordinal=self.ordinal)


class CodeSent(msgspec.Struct, frozen=True, tag="code-sent"):
    voter: int
    epoch: int
    number: SealedPhoneNumber
    code: SentSecurityCode
    network: str = ""

    def send_again(self, now: datetime, terms: ResendLimits, *, by_call: bool = False) -> "CodeSent":
        return msgspec.structs.replace(self, code=self.code.after_resend(now, terms, by_call=by_call))

    def mark_undelivered(self) -> "CodeSent":
        return msgspec.structs.replace(self, code=msgspec.structs.replace(self.code, failed=True))

    def mark_arrived(self) -> "CodeSent":
        return msgspec.structs.replace(self, code=msgspec.structs.replace(self.code, failed=False, arrived=True))

    def change_number(self) -> ReissueOpened:
        """Return the state in which the voter can enter another phone number."""
        return ReissueOpened(voter=self.voter, epoch=self.epoch, ordinal=self.code.ordinal)

    def accept_code(self, now: datetime) -> "ReissueOrdered":
        return ReissueOrdered(voter=self.voter, number=self.number, at=now)

    def await_confirmation(self, now: datetime, terms: ResendLimits) -> "ConfirmationAwaited":
        """Return the state in which the voter must confirm by email."""
        return ConfirmationAwaited(
            voter=self.voter, epoch=self.epoch, number=self.number, asked=now, until=now + terms.valid
        )

    def close(self, now: datetime) -> "ClosedByWrongCodes":
        return ClosedByWrongCodes(voter=self.voter, at=now)


class ClosedByWrongCodes(msgspec.Struct, frozen=True, tag="reissue-closed"):
    voter: int
    at: datetime


class ConfirmationAwaited(msgspec.Struct, frozen=True, tag="confirmation-awaited"):
    """The security code was right, and the voter must now confirm by email."""

    voter: int
    epoch: int
    number: SealedPhoneNumber
    asked: datetime
    until: datetime
    sendings: int = 1

    def is_lapsed(self, now: datetime) -> bool:
        return now >= self.until

    def ask_again(self, now: datetime, terms: ResendLimits) -> "ConfirmationAwaited":
        """Return the state after the voter has requested another email. Raises ResendTooSoon, ConfirmationLapsed."""
        if self.is_lapsed(now):
            raise ConfirmationLapsed
        if now < terms.resend_allowed_from(self.asked, self.until, self.sendings):
            raise ResendTooSoon
        return msgspec.structs.replace(self, asked=now, until=now + terms.valid, sendings=self.sendings + 1)

    def confirm(self, now: datetime) -> "ReissueOrdered":
        """Return the state after the voter has confirmed the request. Raises ConfirmationLapsed."""
        if self.is_lapsed(now):
            raise ConfirmationLapsed
        return ReissueOrdered(voter=self.voter, number=self.number, at=now)


class ReissueOrdered(msgspec.Struct, frozen=True, tag="identifier-ordered"):
    """A new identifier is ordered. `late` is when the voting platform first failed to answer."""

    voter: int
    number: SealedPhoneNumber
    at: datetime
    late: datetime | None = None

    def mark_platform_silent(self, now: datetime) -> "ReissueOrdered":
        return msgspec.structs.replace(self, late=self.late or now)

    def put_in_force(self, generation: int, now: datetime) -> "IdentifierInForce":
        return IdentifierInForce(voter=self.voter, number=self.number, generation=generation, at=now)

    def give_up(self, reason: str, now: datetime) -> "ReissueAborted":
        return ReissueAborted(voter=self.voter, reason=reason, at=now, language=self.number.language)

    def expire(self, now: datetime) -> "IdentifierSmsUndelivered":
        """Return the state after the voting platform has not answered in time."""
        return IdentifierSmsUndelivered(
            voter=self.voter,
            ending=self.number.ending,
            given_back=True,
            at=now,
            in_force=False,
            language=self.number.language,
        )


class IdentifierInForce(msgspec.Struct, frozen=True, tag="identifier-in-force"):
    """The new identifier is valid, but no gateway has accepted its SMS yet."""

    voter: int
    number: SealedPhoneNumber
    generation: int
    at: datetime

    def hand_to_gateway(self, now: datetime) -> "IdentifierSmsSent":
        return IdentifierSmsSent(voter=self.voter, number=self.number, sent=now)

    def mark_delivered(self, now: datetime) -> "IdentifierSmsDelivered":
        """Return the state after a delivery report that arrives before the gateway's reply."""
        return IdentifierSmsDelivered(
            voter=self.voter, ending=self.number.ending, sent=now, at=now, language=self.number.language
        )

    def mark_undelivered(self, now: datetime, *, given_back: bool) -> "IdentifierSmsUndelivered":
        return IdentifierSmsUndelivered(
            voter=self.voter, ending=self.number.ending, given_back=given_back, at=now, language=self.number.language
        )


class IdentifierSmsSent(msgspec.Struct, frozen=True, tag="identifier-sent"):
    """A gateway has accepted the SMS with the identifier. There is no delivery report yet."""

    voter: int
    number: SealedPhoneNumber
    sent: datetime

    def mark_delivered(self, now: datetime) -> "IdentifierSmsDelivered":
        return IdentifierSmsDelivered(
            voter=self.voter, ending=self.number.ending, sent=self.sent, at=now, language=self.number.language
        )

    def mark_undelivered(self, now: datetime, *, given_back: bool) -> "IdentifierSmsUndelivered":
        return IdentifierSmsUndelivered(
            voter=self.voter, ending=self.number.ending, given_back=given_back, at=now, language=self.number.language
        )


class IdentifierSmsDelivered(msgspec.Struct, frozen=True, tag="identifier-delivered"):
    """The mobile operator has reported that the SMS was delivered."""

    voter: int
    ending: str
    sent: datetime
    at: datetime
    language: Language | None = None
    """Language for later emails. None means the language on the electoral roll."""


class IdentifierSmsUndelivered(msgspec.Struct, frozen=True, tag="identifier-undelivered"):
    """The SMS was not delivered. If `given_back`, the re-issue does not count against the limit."""

    voter: int
    ending: str
    given_back: bool
    at: datetime
    in_force: bool = True
    """False if the platform never confirmed the new identifier. The old identifier may then still work."""
    language: Language | None = None

    def mark_delivered(self, now: datetime) -> IdentifierSmsDelivered:
        return IdentifierSmsDelivered(
            voter=self.voter, ending=self.ending, sent=self.at, at=now, language=self.language
        )


class IdentifierRevoked(msgspec.Struct, frozen=True, tag="identifier-revoked"):
    """The voter disowned the identifier, and the platform has revoked it."""

    voter: int
    given_back: bool
    at: datetime


class ReissueAborted(msgspec.Struct, frozen=True, tag="reissue-given-up"):
    """The request has ended without a new identifier. The old identifier still works."""

    voter: int
    reason: str
    at: datetime
    language: Language | None = None


class IdentifierFromPlatform(msgspec.Struct, frozen=True, tag="identifier-from-platform"):
    voter: int
    generation: int
    at: datetime


State = (
    ReissueOpened
    | CodeQueued
    | CodeSent
    | ConfirmationAwaited
    | ClosedByWrongCodes
    | ReissueOrdered
    | IdentifierInForce
    | IdentifierSmsSent
    | IdentifierSmsDelivered
    | IdentifierSmsUndelivered
    | ReissueAborted
    | IdentifierRevoked
    | IdentifierFromPlatform
)
HalfDone = ReissueOpened | CodeQueued | CodeSent | ConfirmationAwaited
"""States that end when the password changes or the account is frozen."""
UnderWay = ReissueOrdered | IdentifierInForce
"""States in which the courier is working on an identifier."""
