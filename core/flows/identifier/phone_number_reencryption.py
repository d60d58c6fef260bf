"""Encrypt the phone numbers of cases with the present key, so that older keys can be retired."""

from contextlib import suppress
from dataclasses import dataclass

import msgspec

from core.flows.dependencies import retry_on_conflict
from core.flows.identifier.shared_reissue_rules import SharedReissueRules
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
from core.ports import RecoveryCase

HOLDS_A_NUMBER = CodeQueued | CodeSent | ConfirmationAwaited | ReissueOrdered | IdentifierInForce | IdentifierSmsSent


@dataclass(frozen=True, slots=True)
class PhoneNumberReencryption:
    """Encrypts phone numbers anew. A number that no key opens stays as it is."""

    context: SharedReissueRules

    def reencrypt_phone_numbers(self) -> None:
        """Encrypt all phone numbers anew; a case that changes meanwhile is read again."""
        with self.context.dependencies.store.read() as transaction:
            held = [case.number for case in transaction.recoveries.all_of_flow(self.context.flow) if _holds(case)]
        for number in held:
            retry_on_conflict(lambda number=number: self._reseal(number))  # type: ignore[misc]  # a default binds the loop's name

    def _reseal(self, number: str) -> None:
        dependencies = self.context.dependencies
        with dependencies.store.write() as transaction:
            case = transaction.recoveries.by_number(number)
            if case is None or not isinstance(case.state, HOLDS_A_NUMBER):
                return
            held = case.state.number
            # Each is sealed again for what it was sealed for: by the state's word alone, none becomes another voter's.
            for context in (phone_number_sealing_context(number, case.state.voter), number.encode()):
                with suppress(PhoneNumberUnreadable):
                    clear = decrypt_phone_number(dependencies, context, held)
                    anew = msgspec.structs.replace(held, sealed=encrypt_phone_number(dependencies, context, clear))
                    transaction.recoveries.update_state(case, msgspec.structs.replace(case.state, number=anew))
                    return


def _holds(case: RecoveryCase) -> bool:
    return isinstance(case.state, HOLDS_A_NUMBER)
