"""Seals the numbers that cases hold with today's key, so that older keys may be retired (rule 6 keeps them so long)."""

from dataclasses import dataclass

import msgspec

from core import purposes
from core.ports import Recovery
from core.reissue import CodeSent, InForce, Ordered, Sent
from core.service.identifier.office import Office
from core.service.identifier.texting import seal_number
from core.service.tools import until_unmoved


@dataclass(frozen=True, slots=True)
class Resealing:
    """Of the numbers. What none of the keys opens stays as it is."""

    office: Office

    def reseal(self) -> None:
        """Every one of them; a case that moves on meanwhile is looked at again."""
        with self.office.tools.store.read() as transaction:
            held = [case.number for case in transaction.recoveries.in_flow(self.office.flow) if _holds(case)]
        for number in held:
            until_unmoved(lambda number=number: self._reseal(number))  # type: ignore[misc]  # a default binds the loop's name

    def _reseal(self, number: str) -> None:
        tools = self.office.tools
        with tools.store.write() as transaction:
            case = transaction.recoveries.by_number(number)
            if case is None or not isinstance(case.state, CodeSent | Ordered | InForce | Sent):
                return
            held = case.state.number
            clear = tools.vault.open(purposes.PHONE_NUMBER, held.sealed, context=number.encode())
            if clear is None:
                return
            anew = msgspec.structs.replace(held, sealed=seal_number(tools, number, clear.decode()))
            transaction.recoveries.move(case, msgspec.structs.replace(case.state, number=anew))


def _holds(case: Recovery) -> bool:
    return isinstance(case.state, CodeSent | Ordered | InForce | Sent)
