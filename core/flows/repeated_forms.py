"""Recognises a form that a browser sends twice, so that its operation happens only once.

Each time a page is loaded, its forms get a new key. Two forms are the same if they have the same key and inputs, come
from the same browser, and the caller passes the same `about` values.
"""

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
"""Names of the values that identify the browser when the digest of a form is computed."""


class FormRepeated(Exception):
    """Raised when the same form was submitted earlier.

    `problems` contains the errors that were shown the first time, or None.
    """

    def __init__(self, problems: FormErrors | None = None) -> None:
        super().__init__()
        self.problems = problems


def form_digest(vault: Vault, page: str, form: Form, visit: Visit) -> bytes | None:
    """Return a digest that identifies a form submitted by this browser, or None if the form has no page key."""
    if not form.get(FORM_KEY):
        return None
    sent = msgspec.json.encode([page, sorted(form.items()), [getattr(visit, name) for name in BROWSER_VALUES]])
    return vault.digest(key_purposes.THROTTLE, b"form|" + sent)


def opening_digest(vault: Vault, visit: Visit) -> bytes | None:
    """Return a digest that is different each time this browser opens a link."""
    return None if visit.opening is None else vault.digest(key_purposes.THROTTLE, b"opening|" + visit.opening.encode())


def token_of_form(vault: Vault, form: bytes, *about: object) -> str:
    """Return a token for the browser that sent a form. If the same form is sent again, the token is the same."""
    return base64url_encode(vault.digest(key_purposes.THROTTLE, b"form-token|" + form + repr(about).encode()))


def count_form(
    dependencies: Dependencies, transaction: Transaction, form: bytes | None, now: datetime, *about: object
) -> int:
    """Count a form, and return how often it was sent. Returns 1 for a form without a key."""
    if form is None:
        return 1
    window = timedelta(minutes=dependencies.policy.form_repeat_minutes)
    return transaction.forms.count(_stored_digest(form, about), now=now, window=window)


def refuse_repeated_form(
    dependencies: Dependencies, transaction: Transaction, form: bytes | None, now: datetime, act: EventType
) -> None:
    """Count a form for the operation `act`. Raises FormRepeated if it was counted for this operation before."""
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
