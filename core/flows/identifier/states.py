"""States of a voting identifier's re-issue, and the transitions from each. No clock, no I/O.

As in `core.flows.password.states`, the store rejects a transition if the case has changed since it was read.
"""

from datetime import datetime

import msgspec

from core.flows.identifier.sent_security_code import ResendLimits, ResendTooSoon, SealedPhoneNumber, SentSecurityCode
from core.ports import SmsBudgetReservation


class ConfirmationLapsed(Exception):
    """The time to confirm is over."""


class ReissueOpened(msgspec.Struct, frozen=True, tag="reissue-opened"):
    """A signed-in voter requested a new identifier. `ordinal` is that of the last code of this case."""

    voter: int
    epoch: int
    ordinal: int = 0

    def queue_code(self, number: SealedPhoneNumber, network: str, not_before: datetime) -> "CodeQueued":
        """The voter proved their identity; queue a code for their number."""
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
    """A code waits for the voter's pause and for the shared budgets. It is made when it is sent."""

    voter: int
    epoch: int
    number: SealedPhoneNumber
    ordinal: int
    """The ordinal of the last code of this case."""
    network: str
    not_before: datetime
    expected: datetime
    places: SmsBudgetReservation | None = None

    def with_expected_time(self, expected: datetime, places: SmsBudgetReservation | None) -> "CodeQueued":
        return msgspec.structs.replace(self, expected=expected, places=places)

    def send(self, now: datetime, terms: ResendLimits, sendings: int = 1) -> "CodeSent":
        """Make the code. Its validity starts now."""
        code = SentSecurityCode.new_code(self.ordinal + 1, now, terms, sendings)
        return CodeSent(voter=self.voter, epoch=self.epoch, number=self.number, code=code, network=self.network)

    def change_number(self) -> ReissueOpened:
        """Return to the identity step without sending a code."""
        return ReissueOpened(voter=self.voter, epoch=self.epoch, ordinal=self.ordinal)


class CodeSent(msgspec.Struct, frozen=True, tag="code-sent"):
    """A code was sent."""

    voter: int
    epoch: int
    number: SealedPhoneNumber
    code: SentSecurityCode
    network: str = ""
    """The keyed digest of the network that requested the code."""

    def send_again(self, now: datetime, terms: ResendLimits) -> "CodeSent":
        """Send the code again. Raises ResendTooSoon."""
        return msgspec.structs.replace(self, code=self.code.after_resend(now, terms))

    def change_number(self) -> ReissueOpened:
        """Return to the identity step; the codes sent to this number become invalid."""
        return ReissueOpened(voter=self.voter, epoch=self.epoch, ordinal=self.code.ordinal)

    def accept_code(self, now: datetime) -> "ReissueOrdered":
        return ReissueOrdered(voter=self.voter, number=self.number, at=now)

    def await_confirmation(self, now: datetime, terms: ResendLimits) -> "ConfirmationAwaited":
        """The right code came in time; wait for the confirmation in the mailbox."""
        return ConfirmationAwaited(
            voter=self.voter, epoch=self.epoch, number=self.number, asked=now, until=now + terms.valid
        )

    def close(self, now: datetime) -> "ClosedByWrongCodes":
        """Close the case after too many wrong codes."""
        return ClosedByWrongCodes(voter=self.voter, at=now)


class ClosedByWrongCodes(msgspec.Struct, frozen=True, tag="reissue-closed"):
    """Wrong codes closed the case. No code can reopen it."""

    voter: int
    at: datetime


class ConfirmationAwaited(msgspec.Struct, frozen=True, tag="confirmation-awaited"):
    """The code was right, and a mail asks for the confirmation. Nothing is reserved until then."""

    voter: int
    epoch: int
    number: SealedPhoneNumber
    asked: datetime
    """The time of the last request for the mail."""
    until: datetime
    sendings: int = 1

    def is_lapsed(self, now: datetime) -> bool:
        return now >= self.until

    def ask_again(self, now: datetime, terms: ResendLimits) -> "ConfirmationAwaited":
        """Request another mail. Earlier links keep their expiry. Raises ResendTooSoon, ConfirmationLapsed."""
        if self.is_lapsed(now):
            raise ConfirmationLapsed
        if now < terms.resend_allowed_from(self.asked, self.until, self.sendings):
            raise ResendTooSoon
        return msgspec.structs.replace(self, asked=now, until=now + terms.valid, sendings=self.sendings + 1)

    def confirm(self, now: datetime) -> "ReissueOrdered":
        """Raises ConfirmationLapsed."""
        if self.is_lapsed(now):
            raise ConfirmationLapsed
        return ReissueOrdered(voter=self.voter, number=self.number, at=now)


class ReissueOrdered(msgspec.Struct, frozen=True, tag="identifier-ordered"):
    """A re-issue is reserved; the courier makes the identifier. `late` is when the platform first failed to answer."""

    voter: int
    number: SealedPhoneNumber
    at: datetime
    late: datetime | None = None

    def mark_platform_silent(self, now: datetime) -> "ReissueOrdered":
        return msgspec.structs.replace(self, late=self.late or now)

    def put_in_force(self, generation: int, now: datetime) -> "IdentifierInForce":
        """The platform accepted the new identifier; the former one no longer works."""
        return IdentifierInForce(voter=self.voter, number=self.number, generation=generation, at=now)

    def give_up(self, reason: str, now: datetime) -> "ReissueAborted":
        return ReissueAborted(voter=self.voter, reason=reason, at=now)

    def expire(self, now: datetime) -> "IdentifierSmsUndelivered":
        """End an order that expired while the platform's answer is unknown."""
        return IdentifierSmsUndelivered(voter=self.voter, ending=self.number.ending, given_back=True, at=now)


class IdentifierInForce(msgspec.Struct, frozen=True, tag="identifier-in-force"):
    """The new identifier is valid; its SMS waits for a gateway."""

    voter: int
    number: SealedPhoneNumber
    generation: int
    at: datetime

    def hand_to_gateway(self, now: datetime) -> "IdentifierSmsSent":
        return IdentifierSmsSent(voter=self.voter, number=self.number, sent=now)

    def mark_delivered(self, now: datetime) -> "IdentifierSmsDelivered":
        """The delivery report came before the gateway's answer was recorded."""
        return IdentifierSmsDelivered(voter=self.voter, ending=self.number.ending, sent=now, at=now)

    def mark_undelivered(self, now: datetime, *, given_back: bool) -> "IdentifierSmsUndelivered":
        return IdentifierSmsUndelivered(voter=self.voter, ending=self.number.ending, given_back=given_back, at=now)


class IdentifierSmsSent(msgspec.Struct, frozen=True, tag="identifier-sent"):
    """The gateway accepted the SMS; the final delivery report is awaited."""

    voter: int
    number: SealedPhoneNumber
    sent: datetime

    def mark_delivered(self, now: datetime) -> "IdentifierSmsDelivered":
        """The SMS was delivered. The phone number is no longer stored."""
        return IdentifierSmsDelivered(voter=self.voter, ending=self.number.ending, sent=self.sent, at=now)

    def mark_undelivered(self, now: datetime, *, given_back: bool) -> "IdentifierSmsUndelivered":
        """The SMS cannot be delivered. The phone number is no longer stored."""
        return IdentifierSmsUndelivered(voter=self.voter, ending=self.number.ending, given_back=given_back, at=now)


class IdentifierSmsDelivered(msgspec.Struct, frozen=True, tag="identifier-delivered"):
    """The operator reported the SMS as delivered."""

    voter: int
    ending: str
    sent: datetime
    at: datetime


class IdentifierSmsUndelivered(msgspec.Struct, frozen=True, tag="identifier-undelivered"):
    """The SMS was not delivered. `given_back` is true if the re-issue does not count (rule 8)."""

    voter: int
    ending: str
    given_back: bool
    at: datetime

    def mark_delivered(self, now: datetime) -> IdentifierSmsDelivered:
        """The SMS was delivered after all."""
        return IdentifierSmsDelivered(voter=self.voter, ending=self.ending, sent=self.at, at=now)


class ReissueAborted(msgspec.Struct, frozen=True, tag="reissue-given-up"):
    """No identifier was made; the former one still works."""

    voter: int
    reason: str
    at: datetime


class IdentifierFromPlatform(msgspec.Struct, frozen=True, tag="identifier-from-platform"):
    """The platform has an identifier that is unknown here, so its delivery is unknown too."""

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
    | IdentifierFromPlatform
)
HalfDone = ReissueOpened | CodeQueued | CodeSent | ConfirmationAwaited
"""A change of the voter's access ends these states."""
UnderWay = ReissueOrdered | IdentifierInForce
"""The courier works on these states. The voter cannot begin another re-issue."""
