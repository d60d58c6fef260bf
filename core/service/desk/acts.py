"""What may be done with a file or a case, and why not now: a button, before it is pressed."""

from dataclasses import dataclass
from enum import StrEnum

from core.ports import Role
from core.service.desk.proofs import Caller, Duty, Proofs
from core.text import Text
from core.words import guiding as words


class DeskAct(StrEnum):
    """What an agent may do."""

    START_MAIL = "start-mail"
    SEND_AGAIN = "send-again"
    FREEZE = "freeze"
    UNFREEZE = "unfreeze"


LABELS: dict[DeskAct, Text] = {
    DeskAct.START_MAIL: words.START_MAIL,
    DeskAct.SEND_AGAIN: words.SEND_AGAIN,
    DeskAct.FREEZE: words.FREEZE,
    DeskAct.UNFREEZE: words.UNFREEZE,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """An act, as its button shows it; `why_not` when it cannot be pressed."""

    act: DeskAct
    label: Text
    why_not: Text | None


def offer(act: DeskAct, why_not: Text | None) -> Offer:
    """Under its label."""
    return Offer(act=act, label=LABELS[act], why_not=why_not)


def barred(proofs: Proofs, duty: Duty, voter: int, caller: Caller | None) -> Text | None:
    """What stands in the way of any act at all: the role, then the caller who is not verified (rule 11)."""
    if duty.role is Role.AUDITOR:
        return words.READ_ONLY
    verified = caller is not None and caller.voter == voter and proofs.holds(duty, caller)
    return None if verified else words.VERIFY_FIRST
