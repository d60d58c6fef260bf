"""Recognises a form that is sent again: the same inputs, from one drawing of a page, by the same browser.

Each drawn page has a key of its own, which its forms send along. The same key with other inputs is another form, so a key lets
nobody guess twice. A form without a key, as scripts send it, is never taken for a repeated one.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

import msgspec

from core.flows.dependencies import Dependencies
from core.flows.flow_handler import Visit
from core.forms.flow_model import Form, FormErrors
from core.ports import Transaction
from core.security import key_purposes
from core.security.tokens import base64url_encode

FORM_KEY = "form_key"
"""The hidden input that holds the key of the page."""
HELD = ("case", "pending", "link", "confirmation", "stop", "session")
"""The visit's values that are part of a form's digest, so that it is one browser's own."""


class FormRepeated(Exception):
    """The form was answered before, so nothing was done. `problems` is the earlier refusal, if it was refused."""

    def __init__(self, problems: FormErrors | None = None) -> None:
        super().__init__()
        self.problems = problems


@dataclass(frozen=True, slots=True)
class RepeatedForms:
    """Counts how often a form came, in the transaction of its act. `about` is what a repeated act must still be about."""

    dependencies: Dependencies

    def digest(self, page: str, form: Form, visit: Visit) -> bytes | None:
        """Return the digest of a form, which no store keeps, or None if it has no key."""
        if not form.get(FORM_KEY):
            return None
        sent = msgspec.json.encode([page, sorted(form.items()), [getattr(visit, name) for name in HELD]])
        return self._digest(b"form", sent)

    def link_opening_digest(self, visit: Visit) -> bytes | None:
        """Return the digest of this browser's opening of its link, which counts like a form's, or None if it holds no link."""
        return None if visit.opening is None else self._digest(b"opening", visit.opening.encode())

    def token_of_form(self, form: bytes, *about: object) -> str:
        """Return the token that this form's act gives the browser, so that a repeated form gives the same one."""
        return base64url_encode(self._digest(b"form-token", form + repr(about).encode()))

    def count_form(self, transaction: Transaction, form: bytes | None, now: datetime, *about: object) -> int:
        """Count the form. Return how often it has come, this time included; 1 for one without a key."""
        if form is None:
            return 1
        window = timedelta(minutes=self.dependencies.policy.form_repeat_minutes)
        return -transaction.throttle.count_or_refuse(self._bucket(form, about), limit=0, window=window, now=now).left

    def forget(self, transaction: Transaction, form: bytes | None, *about: object) -> None:
        """Take the form for a new one when it comes again."""
        if form is not None:
            transaction.throttle.reset(self._bucket(form, about))

    def came_before(self, form: bytes | None, *about: object) -> bool:
        """Tell whether the form was counted."""
        if form is None:
            return False
        window = timedelta(minutes=self.dependencies.policy.form_repeat_minutes)
        now = self.dependencies.clock.now()
        with self.dependencies.store.read() as transaction:
            return not transaction.throttle.peek(self._bucket(form, about), limit=1, window=window, now=now).allowed

    def _bucket(self, form: bytes, about: tuple[object, ...]) -> bytes:
        return self._digest(b"form-counted", form + repr(about).encode())

    def _digest(self, kind: bytes, content: bytes) -> bytes:
        return self.dependencies.vault.digest(key_purposes.THROTTLE, kind + b"|" + content)
