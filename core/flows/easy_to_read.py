"""Types and common sentences for the easy-to-read guides (French: FALC)."""

from collections.abc import Sequence
from dataclasses import dataclass

from core.forms.flow_model import Step, find_action
from core.text.text import N_, NN_, Text


@dataclass(frozen=True, slots=True)
class EasyToReadElementSentence:
    """A sentence about a numbered field, action or link in the picture."""

    element: str
    sentence: Text


@dataclass(frozen=True, slots=True, kw_only=True)
class EasyToReadPart:
    title: Text
    sentences: Sequence[Text | EasyToReadElementSentence]
    step: Step | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class EasyToReadGuide:
    title: Text
    parts: tuple[EasyToReadPart, ...]


WHAT_YOU_NEED = N_("Ce qu'il vous faut")
THIS_GUIDE_IS_FOR_YOU = N_("Ce guide est pour vous.")
OPEN_SITE = N_("Ouvrez ce site : {site}")


def press_button_sentence(step: Step, name: str = "") -> EasyToReadElementSentence:
    action = find_action(name, step)
    if action is None:
        raise LookupError(f"Step {step.code} has no action named {name!r}.")
    return EasyToReadElementSentence(action.name, press_label_sentence(action.label))


def press_label_sentence(label: Text) -> Text:
    return N_("Appuyez sur « {act} ».", act=label)


def duration_needed_sentence(minutes: int) -> Text:
    return NN_("Cela prend environ {count} minute.", "Cela prend environ {count} minutes.", count=minutes)


def await_mail_sentences(subject: Text) -> tuple[Text | EasyToReadElementSentence, ...]:
    return (
        EasyToReadElementSentence("message", N_("Retenez le nom du message : « {subject} ».", subject=subject)),
        EasyToReadElementSentence("case", N_("Écrivez votre numéro de dossier sur un papier.")),
        N_("Ouvrez votre messagerie."),
        N_("Cherchez le message."),
        N_("Le message n'est pas là ?"),
        N_("Regardez dans le dossier des indésirables."),
        N_("C'est le dossier des messages douteux."),
        N_("Il n'y a toujours rien ?"),
    )


def reading_help_part(first: Step) -> EasyToReadPart:
    return EasyToReadPart(
        title=N_("Comment lire ce guide"),
        sentences=(
            N_("Chaque page du site a un code."),
            N_("Par exemple : {code}", code=first.code),
            N_("Le code est en haut de la page."),
            N_("Cherchez le même code dans ce guide."),
            N_("Certaines phrases ont un numéro."),
            N_("Le même numéro est sur l'image."),
            N_("Sur les images, la personne s'appelle {first_name} {last_name}."),
            N_("Cette personne n'existe pas."),
        ),
    )


def desk_help_part(first: Step) -> EasyToReadPart:
    return EasyToReadPart(
        title=N_("Vous avez besoin d'aide ?"),
        sentences=(
            N_("Appelez l'assistance."),
            N_("L'assistance est un service qui aide les électeurs par téléphone."),
            N_("Son numéro : {desk_phone}"),
            N_("Elle répond {desk_hours}."),
            N_("Dites le code de la page."),
            N_("Par exemple : {code}", code=first.code),
            N_("L'assistance ne demande jamais votre mot de passe."),
            N_("Ne le dites à personne."),
        ),
    )
