"""A sent security code, its phone number, and the policy's limits for sending it again. No clock, no I/O."""

from datetime import datetime, timedelta

import msgspec

from core.policy.policy import Policy
from core.text.text import Language


class ResendTooSoon(Exception):
    """A code or a mail cannot be sent again yet."""


class SealedPhoneNumber(msgspec.Struct, frozen=True):
    """The phone number to which a code was sent. `digest` is the keyed digest that claims the number (rule 6)."""

    sealed: bytes
    digest: bytes
    ending: str
    region: str
    language: Language | None = None
    """The language of the page, for the SMS and the confirmation mail; None for the voter's language on the roll."""


class ResendLimits(msgspec.Struct, frozen=True):
    """The policy's limits for sending again: validity, pause between sendings, number of sendings."""

    valid: timedelta
    pause: timedelta
    sendings: int

    @classmethod
    def of_code(cls, policy: Policy) -> "ResendLimits":
        return cls(
            valid=timedelta(minutes=policy.code_valid_minutes),
            pause=timedelta(seconds=policy.code_resend_after_seconds),
            sendings=policy.code_sendings,
        )

    @classmethod
    def of_confirmation(cls, policy: Policy) -> "ResendLimits":
        return cls(
            valid=timedelta(minutes=policy.confirmation_valid_minutes),
            pause=timedelta(minutes=policy.resend_after_minutes),
            sendings=policy.confirmation_sendings,
        )

    def resend_allowed_from(self, sent: datetime, valid_until: datetime, sendings: int) -> datetime:
        """Return when the next sending is allowed: after the pause, and not before the expiry if none is left."""
        cooled = sent + self.pause
        return cooled if sendings < self.sendings else max(cooled, valid_until)


class SentSecurityCode(msgspec.Struct, frozen=True):
    """A sent code: its ordinal, its expiry, the number of sendings, and the time of the last one."""

    ordinal: int
    valid_until: datetime
    sendings: int
    sent: datetime

    @classmethod
    def new_code(cls, ordinal: int, now: datetime, terms: ResendLimits, sendings: int = 1) -> "SentSecurityCode":
        """Return a new code, sent now. `sendings` includes those of codes that it replaced before they expired."""
        return cls(ordinal=ordinal, valid_until=now + terms.valid, sendings=sendings, sent=now)

    def after_resend(self, now: datetime, terms: ResendLimits) -> "SentSecurityCode":
        """Return the code after another sending. Raises ResendTooSoon."""
        if now < terms.resend_allowed_from(self.sent, self.valid_until, self.sendings):
            raise ResendTooSoon
        return msgspec.structs.replace(self, sendings=self.sendings + 1, sent=now)
