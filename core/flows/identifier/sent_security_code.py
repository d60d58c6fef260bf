"""A security code that was sent, the number that it goes to, and the policy's terms of sending again. No clock, no I/O."""

from datetime import datetime, timedelta

import msgspec

from core.policy.policy import Policy
from core.text.text import Language


class ResendTooSoon(Exception):
    """A code or a mail cannot be sent once more yet."""


class SealedPhoneNumber(msgspec.Struct, frozen=True):
    """The telephone a code was sent to. `sealed` is the number, `digest` the keyed one of the claim (rule 6)."""

    sealed: bytes
    digest: bytes
    ending: str
    region: str
    language: Language | None = None
    """The language of the page where it was typed, in which its SMS and the mail to confirm are written; None for the roll's."""


class ResendLimits(msgspec.Struct, frozen=True):
    """The policy's numbers about what can be sent again: how long it is valid, the pause between sendings, their number."""

    valid: timedelta
    pause: timedelta
    sendings: int

    @classmethod
    def of_code(cls, policy: Policy) -> "ResendLimits":
        """Return a policy's terms of a security code."""
        return cls(
            valid=timedelta(minutes=policy.code_valid_minutes),
            pause=timedelta(seconds=policy.code_resend_after_seconds),
            sendings=policy.code_sendings,
        )

    @classmethod
    def of_confirmation(cls, policy: Policy) -> "ResendLimits":
        """Return a policy's terms of the mail that confirms a request."""
        return cls(
            valid=timedelta(minutes=policy.confirmation_valid_minutes),
            pause=timedelta(minutes=policy.resend_after_minutes),
            sendings=policy.confirmation_sendings,
        )

    def resend_allowed_from(self, sent: datetime, valid_until: datetime, sendings: int) -> datetime:
        """Return when "send again" is open: after the pause, or not before the end if it was sent often enough."""
        cooled = sent + self.pause
        return cooled if sendings < self.sendings else max(cooled, valid_until)


class SentSecurityCode(msgspec.Struct, frozen=True):
    """A code that was sent: the ordinal it is derived from, until when it is valid, how often and when last it was sent."""

    ordinal: int
    valid_until: datetime
    sendings: int
    sent: datetime

    @classmethod
    def new_code(cls, ordinal: int, now: datetime, terms: ResendLimits, sendings: int = 1) -> "SentSecurityCode":
        """Return a new code, sent now. `sendings` counts those of the codes that it replaced before their time was over."""
        return cls(ordinal=ordinal, valid_until=now + terms.valid, sendings=sendings, sent=now)

    def after_resend(self, now: datetime, terms: ResendLimits) -> "SentSecurityCode":
        """Return the code sent again while it is valid. Raises ResendTooSoon."""
        if now < terms.resend_allowed_from(self.sent, self.valid_until, self.sendings):
            raise ResendTooSoon
        return msgspec.structs.replace(self, sendings=self.sendings + 1, sent=now)
