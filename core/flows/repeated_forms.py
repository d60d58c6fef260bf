"""Recognises forms that are sent more than once, so that they take effect only once."""

from datetime import datetime, timedelta
from hashlib import sha256

import msgspec

from core.flows.dependencies import Dependencies
from core.flows.flow_handler import Visit
from core.forms.flow_model import Form, FormErrors
from core.ports import EventType, Transaction, Vault
from core.security import key_purposes
from core.security.tokens import base64url_encode

FORM_KEY = "form_key"
BROWSER_VALUES = ("case", "pending", "link", "confirmation", "stop", "session")
"""Names of the Visit fields that identify the browser in a form digest."""


class FormRepeated(Exception):
    """Raised when the same form was sent before. `problems` are the errors to show again."""

    def __init__(self, problems: FormErrors | None = None) -> None:
        super().__init__()
        self.problems = problems


def form_digest(vault: Vault, page: str, form: Form, visit: Visit) -> bytes | None:
    """Return a digest of a submitted form, or None if the form has no key."""
    if not form.get(FORM_KEY):
        return None
    sent = msgspec.json.encode([page, sorted(form.items()), [getattr(visit, name) for name in BROWSER_VALUES]])
    return vault.digest(key_purposes.THROTTLE, b"form|" + sent)


def opening_digest(vault: Vault, visit: Visit) -> bytes | None:
    """Return a digest that is different each time this browser opens a link."""
    return None if visit.opening is None else vault.digest(key_purposes.THROTTLE, b"opening|" + visit.opening.encode())


def token_of_form(vault: Vault, form: bytes, *about: object) -> str:
    """Return a token that stays the same when the form is sent again."""
    return base64url_encode(vault.digest(key_purposes.THROTTLE, b"form-token|" + form + repr(about).encode()))


def count_form(
    dependencies: Dependencies, transaction: Transaction, form: bytes | None, now: datetime, *about: object
) -> int:
    """Count how often a form was sent. Each value of `about` has a separate count."""
    if form is None:
        return 1
    window = timedelta(minutes=dependencies.policy.form_repeat_minutes)
    return transaction.forms.count(_stored_digest(form, about), now=now, window=window)


def refuse_repeated_form(
    dependencies: Dependencies, transaction: Transaction, form: bytes | None, now: datetime, act: EventType
) -> None:
    """Count a submitted form. Raises FormRepeated if the form was already counted for `act`."""
    if count_form(dependencies, transaction, form, now, act) > 1:
        raise FormRepeated


def came_before(dependencies: Dependencies, form: bytes | None, *about: object) -> bool:
    if form is None:
        return False
    now, window = dependencies.clock.now(), timedelta(minutes=dependencies.policy.form_repeat_minutes)
    with dependencies.store.read() as transaction:
        return transaction.forms.came_before(_stored_digest(form, about), now=now, window=window)


def forget_form(transaction: Transaction, form: bytes | None, *about: object) -> None:
    if form is not None:
        transaction.forms.forget(_stored_digest(form, about))


def _stored_digest(form: bytes, about: tuple[object, ...]) -> bytes:
    return sha256(form + repr(about).encode()).digest()
