"""Encrypts the phone numbers of cases with the present key, so that older keys can be retired."""

from contextlib import suppress
from functools import partial

import msgspec

from core.flows.dependencies import Dependencies, retry_on_conflict
from core.flows.identifier.sms_messages import (
    PhoneNumberUnreadable,
    decrypt_phone_number,
    encrypt_phone_number,
    phone_number_sealing_context,
)
from core.flows.identifier.states import (
    CodeQueued,
    CodeSent,
    ConfirmationAwaited,
    IdentifierInForce,
    IdentifierSmsSent,
    ReissueOrdered,
)

HOLDS_A_NUMBER = CodeQueued | CodeSent | ConfirmationAwaited | ReissueOrdered | IdentifierInForce | IdentifierSmsSent


def reencrypt_phone_numbers(dependencies: Dependencies, flow: str) -> None:
    """Encrypt all phone numbers again, except those that no key decrypts."""
    with dependencies.store.read() as transaction:
        cases = transaction.recoveries.all_of_flow(flow)
        held = [case.number for case in cases if isinstance(case.state, HOLDS_A_NUMBER)]
    for number in held:
        retry_on_conflict(partial(_reseal, dependencies, number))


def _reseal(dependencies: Dependencies, number: str) -> None:
    with dependencies.store.write() as transaction:
        case = transaction.recoveries.by_number(number)
        if case is None or not isinstance(case.state, HOLDS_A_NUMBER):
            return
        held = case.state.number
        context = phone_number_sealing_context(number, case.state.voter)
        with suppress(PhoneNumberUnreadable):
            clear = decrypt_phone_number(dependencies, context, held)
            anew = msgspec.structs.replace(held, sealed=encrypt_phone_number(dependencies, context, clear))
            transaction.recoveries.update_state(case, msgspec.structs.replace(case.state, number=anew))
