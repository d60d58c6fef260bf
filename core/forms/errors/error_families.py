"""The families of errors, and the sentences that several of them share."""

from datetime import datetime
from enum import StrEnum
from typing import ClassVar, TypeVar

from core.forms.flow_model import FieldRejected
from core.text.text import N_, Text, TimeOfDay

E = TypeVar("E", bound=Exception)


class RefusalKind(StrEnum):
    """The kind of a refusal, which determines its status code or colour."""

    NOT_FOUND = "not-found"
    GONE = "gone"
    FORBIDDEN = "forbidden"
    TOO_MANY = "too-many"
    TOO_LARGE = "too-large"
    UNREADABLE = "unreadable"
    UNAVAILABLE = "unavailable"


class Refusal(Exception):
    """An action that is not possible now. `title` says what happened, `remedy` what to do."""

    id: ClassVar[str]
    kind: ClassVar[RefusalKind] = RefusalKind.FORBIDDEN
    title: ClassVar[Text]
    remedy: ClassVar[tuple[Text, ...]]
    cause: ClassVar[Text | None] = None
    """The cause of the refusal, for the help."""
    looks_again: ClassVar[bool] = False
    """True if the voter must reopen the page to see what to do."""

    def __init__(self, *, until: datetime | None = None, **facts: object) -> None:
        """`until`, in the election's time zone, is when a new attempt makes sense."""
        super().__init__(self.id)
        self.until = until
        self.facts: dict[str, object] = facts if until is None else {**facts, "again_at": TimeOfDay(until)}


CALL_THE_DESK = N_("Si vous n'y arrivez pas, appelez l'assistance au {desk_phone} ({desk_hours}).")
CALL_TO_BLOCK = N_("Pour bloquer votre compte, appelez tout de suite l'assistance au {desk_phone} ({desk_hours}).")


class DeskFieldRejected(FieldRejected):
    """A rejected field at the desk. The voters' help omits it."""


class DeskRefusal(Refusal):
    """A refusal at the desk. The voters' help omits it."""


class PolicyDependentStepRefusal(Refusal):
    """A refusal at a step that only some policies have. The help omits it under the other policies."""


LEFT_EMPTY = N_("La case est restée vide.")
ASK_AGAIN = N_("Demandez un nouveau message : saisissez votre adresse professionnelle, puis « Mot de passe oublié ».")
NOTHING_IS_COUNTED = N_("Rien n'est décompté de vos demandes.")


def error_classes_by_id(family: type[E]) -> dict[str, type[E]]:
    """Return all error classes below a family, by id."""
    found: dict[str, type[E]] = {}
    for each in family.__subclasses__():
        found |= error_classes_by_id(each)
        if "id" in vars(each):
            found[str(vars(each)["id"])] = each
    return found
