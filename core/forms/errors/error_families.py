from datetime import datetime
from enum import StrEnum
from typing import ClassVar, TypeVar

from core.forms.flow_model import FieldRejected
from core.text.faces import page_frame_texts as words
from core.text.text import N_, NN_, Text, TimeOfDay

E = TypeVar("E", bound=Exception)


class RefusalKind(StrEnum):
    NOT_FOUND = "not-found"
    GONE = "gone"
    FORBIDDEN = "forbidden"
    TOO_MANY = "too-many"
    TOO_LARGE = "too-large"
    UNREADABLE = "unreadable"
    UNAVAILABLE = "unavailable"


class Refusal(Exception):
    """Raised when an action is not possible now. `remedy` tells the user what to do."""

    id: ClassVar[str]
    kind: ClassVar[RefusalKind] = RefusalKind.FORBIDDEN
    title: ClassVar[Text]
    remedy: ClassVar[tuple[Text, ...]]
    cause: ClassVar[Text | None] = None
    onward: ClassVar[Text] = words.BACK_HOME
    """Label of the button that leads to the first step."""
    agent: ClassVar[tuple[Text, ...]] = (
        N_("Faites lire la page à la personne, puis reprenez avec elle : {guide_key} montre les étapes."),
    )
    """Instructions for an agent. Placeholders stand for the terminal's keys."""
    looks_again: ClassVar[bool] = False
    """True if the voter must reload the page to find out whether the action succeeded."""

    @property
    def leads_on(self) -> bool:
        """True if the page's button leads to what most voters need, not only to the first page."""
        return self.onward is not words.BACK_HOME

    def __init__(self, *, until: datetime | None = None, **facts: object) -> None:
        """Create a refusal. The user may try again after `until` (in the election's time zone)."""
        super().__init__(self.id)
        self.until = until
        self.facts: dict[str, object] = facts if until is None else {**facts, "again_at": TimeOfDay(until)}


CALL_THE_DESK = N_("Si vous n'y arrivez pas, appelez l'assistance au {desk_phone} ({desk_hours}).")
BLOCK_BY_NOTICE = N_(
    "Si ce n'était pas vous, ouvrez le message qui vous en avertit et choisissez « Ce n'était pas moi » : vous pourrez bloquer votre compte, à toute heure. Sans ce message, appelez l'assistance au {desk_phone} ({desk_hours})."
)
CALL_TO_BLOCK = N_("Pour bloquer votre compte, appelez tout de suite l'assistance au {desk_phone} ({desk_hours}).")


class DeskFieldRejected(FieldRejected):
    """Base class for field errors that only agents can see. The help pages for voters omit them."""


class DeskRefusal(Refusal):
    """Base class for refusals that only agents can see."""

    agent = (N_("{back_key} revient en arrière."),)


class PolicyDependentStepRefusal(Refusal):
    """Base class for refusals that occur only under certain policies."""


LEFT_EMPTY = N_("Le champ est vide.")
NEW_MESSAGE = N_("Demander un nouveau message")
ASK_AGAIN = N_("Demandez un nouveau message : saisissez votre adresse professionnelle, puis « Mot de passe oublié ».")
SEND_NEW_LINK = N_(
    "À l'accueil, faites saisir l'adresse, choisir « Continuer », puis « Mot de passe oublié ». Ou, une fois l'appelant vérifié ({verify_key}), {mail_key} envoie un nouveau message."
)
FREEZE_ACCOUNT = N_("Une fois l'appelant vérifié ({verify_key}), {freeze_key} bloque le compte.")
PROMISE_CALL_BACK = N_("Faites attendre l'heure affichée. {end_call_key} note un rappel promis.")
REQUESTS_KEPT = Text("{kept}")  # a sentence of `requests_kept_sentence`, or REMAINING_REQUESTS_KEPT
REMAINING_REQUESTS_KEPT = N_("Vous gardez vos demandes.")


def requests_kept_sentence(count: int) -> Text:
    return NN_("Vous gardez votre demande.", "Vous gardez vos {count} demandes.", count=count)


def error_classes_by_id(family: type[E]) -> dict[str, type[E]]:
    classes: dict[str, type[E]] = {}
    for subclass in family.__subclasses__():
        classes |= error_classes_by_id(subclass)
        if "id" in vars(subclass):
            classes[str(vars(subclass)["id"])] = subclass
    return classes
