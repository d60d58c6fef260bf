from datetime import datetime, timedelta

import msgspec

from core.policy.policy import Policy
from core.text.text import Language


class ResendTooSoon(Exception):
    """Raised when a security code or an email cannot be sent again yet."""


class SealedPhoneNumber(msgspec.Struct, frozen=True):
    """An encrypted phone number. Equal numbers have the same `digest`."""

    sealed: bytes
    digest: bytes
    ending: str
    region: str
    language: Language | None = None
    """Language of messages to the voter. None means the language on the roll."""


class ResendLimits(msgspec.Struct, frozen=True):
    """How long a code or link is valid, and how often it can be sent again."""

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
        """Return the earliest time for sending a code or an email again."""
        end_of_pause = sent + self.pause
        return end_of_pause if sendings < self.sendings else max(end_of_pause, valid_until)


class SentSecurityCode(msgspec.Struct, frozen=True):
    ordinal: int
    valid_until: datetime
    sendings: int
    sent: datetime
    failed: bool = False
    """True if the last SMS or call with this code failed."""
    by_call: bool = False
    """True if the code was last sent by call instead of SMS."""
    arrived: bool = False
    """True if the last SMS was delivered, or the last call was answered."""

    @classmethod
    def new_code(cls, ordinal: int, now: datetime, terms: ResendLimits, sendings: int = 1) -> "SentSecurityCode":
        """Return a new code sent at `now`. `sendings` also counts earlier codes that are still valid."""
        return cls(ordinal=ordinal, valid_until=now + terms.valid, sendings=sendings, sent=now)

    def after_resend(self, now: datetime, terms: ResendLimits, *, by_call: bool = False) -> "SentSecurityCode":
        if now < terms.resend_allowed_from(self.sent, self.valid_until, self.sendings):
            raise ResendTooSoon
        return msgspec.structs.replace(
            self, sendings=self.sendings + 1, sent=now, failed=False, by_call=by_call, arrived=False
        )

    def call_possible_from(self, policy: Policy) -> datetime | None:
        """Return the earliest time for a call with this code, or None."""
        if not policy.code_call_after_seconds:
            return None
        again_from = ResendLimits.of_code(policy).resend_allowed_from(self.sent, self.valid_until, self.sendings)
        old_enough = self.sent + timedelta(seconds=0 if self.failed else policy.code_call_after_seconds)
        call_from = max(again_from, old_enough)
        return call_from if call_from < self.valid_until else None

    def may_be_called(self, now: datetime, policy: Policy) -> bool:
        call_from = self.call_possible_from(policy)
        return call_from is not None and call_from <= now < self.valid_until
