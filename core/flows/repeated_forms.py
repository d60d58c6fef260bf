"""Recognises a form that is sent again: the same inputs, from one loading of a page, by the same browser.

Each page has its own key, which its forms send along. The same key with other inputs is another form, so a key never
allows a second guess. A form without a key, for example from a script, never counts as repeated.

`about` lists further values that must be equal in a repeated act, such as the voter's epoch.
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
"""Name of the hidden input with the page's key."""
HELD = ("case", "pending", "link", "confirmation", "stop", "session")
"""The values of the visit in a form's digest, which tie it to one browser."""


class FormRepeated(Exception):
    """The form was handled before, so nothing was done. `problems` is the earlier refusal, if any."""

    def __init__(self, problems: FormErrors | None = None) -> None:
        super().__init__()
        self.problems = problems


def form_digest(vault: Vault, page: str, form: Form, visit: Visit) -> bytes | None:
    """Return the keyed digest of a form, or None if it has no key. The digest is not stored."""
    if not form.get(FORM_KEY):
        return None
    sent = msgspec.json.encode([page, sorted(form.items()), [getattr(visit, name) for name in HELD]])
    return vault.digest(key_purposes.THROTTLE, b"form|" + sent)


def opening_digest(vault: Vault, visit: Visit) -> bytes | None:
    """Return the keyed digest of this browser's opening of its link, which counts as a form, or None."""
    return None if visit.opening is None else vault.digest(key_purposes.THROTTLE, b"opening|" + visit.opening.encode())


def token_of_form(vault: Vault, form: bytes, *about: object) -> str:
    """Return the token that the act gives to the browser. A repeated form gets the same token."""
    return base64url_encode(vault.digest(key_purposes.THROTTLE, b"form-token|" + form + repr(about).encode()))


def count_form(
    dependencies: Dependencies, transaction: Transaction, form: bytes | None, now: datetime, *about: object
) -> int:
    """Count the form in the transaction of its act.

    Return how often it has come, including this time, or 1 for a form without a key.
    """
    if form is None:
        return 1
    window = timedelta(minutes=dependencies.policy.form_repeat_minutes)
    return transaction.forms.count(_stored_digest(form, about), now=now, window=window)


def refuse_repeated_form(
    dependencies: Dependencies, transaction: Transaction, form: bytes | None, now: datetime, act: EventType
) -> None:
    """Count a form that does `act`. Raises FormRepeated if it did so before."""
    if count_form(dependencies, transaction, form, now, act) > 1:
        raise FormRepeated


def came_before(dependencies: Dependencies, form: bytes | None, *about: object) -> bool:
    if form is None:
        return False
    now, window = dependencies.clock.now(), timedelta(minutes=dependencies.policy.form_repeat_minutes)
    with dependencies.store.read() as transaction:
        return transaction.forms.came_before(_stored_digest(form, about), now=now, window=window)


def forget_form(transaction: Transaction, form: bytes | None, *about: object) -> None:
    """Forget the form, so that it counts as new when it comes again."""
    if form is not None:
        transaction.forms.forget(_stored_digest(form, about))


def _stored_digest(form: bytes, about: tuple[object, ...]) -> bytes:
    return sha256(form + repr(about).encode()).digest()
