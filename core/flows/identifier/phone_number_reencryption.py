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

StateWithPhoneNumber = (
    CodeQueued | CodeSent | ConfirmationAwaited | ReissueOrdered | IdentifierInForce | IdentifierSmsSent
)


def reencrypt_phone_numbers(dependencies: Dependencies, flow: str) -> None:
    """Re-encrypt a flow's phone numbers with the newest key. Unreadable numbers are skipped."""
    with dependencies.store.read() as transaction:
        cases = transaction.recoveries.all_of_flow(flow)
        case_numbers = [case.number for case in cases if isinstance(case.state, StateWithPhoneNumber)]
    for case_number in case_numbers:
        retry_on_conflict(partial(_reencrypt_phone_number, dependencies, case_number))


def _reencrypt_phone_number(dependencies: Dependencies, case_number: str) -> None:
    with dependencies.store.write() as transaction:
        case = transaction.recoveries.by_number(case_number)
        if case is None or not isinstance(case.state, StateWithPhoneNumber):
            return
        phone = case.state.number
        context = phone_number_sealing_context(case_number, case.state.voter)
        with suppress(PhoneNumberUnreadable):
            clear = decrypt_phone_number(dependencies, context, phone)
            reencrypted = msgspec.structs.replace(phone, sealed=encrypt_phone_number(dependencies, context, clear))
            transaction.recoveries.update_state(case, msgspec.structs.replace(case.state, number=reencrypted))
