from collections.abc import Iterator
from math import ceil

from core.flows.account.voter_space_definition import VOTER_SPACE
from core.flows.easy_to_read import (
    OPEN_SITE,
    THIS_GUIDE_IS_FOR_YOU,
    WHAT_YOU_NEED,
    EasyToReadElementSentence,
    EasyToReadGuide,
    EasyToReadPart,
    await_mail_sentences,
    desk_help_part,
    duration_needed_sentence,
    press_button_sentence,
    press_label_sentence,
    reading_help_part,
)
from core.flows.identifier.confirmation_steps import ConfirmationSteps
from core.flows.identifier.definition import EXAMPLE_BIRTH_DATE, EXAMPLE_CODE, IdentifierFlow, minutes_needed
from core.forms.flow_model import AGAIN, CALL
from core.policy.policy import Policy
from core.text.text import N_, NN_, Text


def identifier_easy_to_read_guide(steps: IdentifierFlow, policy: Policy) -> EasyToReadGuide:
    confirmation = () if steps.confirmation is None else _confirmation(steps.confirmation)
    return EasyToReadGuide(
        title=N_("Identifiant de vote perdu : le guide facile à lire"),
        parts=(
            _purpose(policy),
            _before(policy),
            reading_help_part(steps.begin),
            *_request(steps, policy),
            *confirmation,
            *_result(steps),
            desk_help_part(steps.begin),
        ),
    )


def _purpose(policy: Policy) -> EasyToReadPart:
    return EasyToReadPart(
        title=N_("À quoi sert ce guide"),
        sentences=(
            N_("Vous avez perdu votre identifiant de vote ?"),
            N_("Vous ne l'avez jamais reçu ?"),
            THIS_GUIDE_IS_FOR_YOU,
            N_("L'identifiant de vote est une suite de lettres et de chiffres."),
            N_("Il sert à voter."),
            N_("Avec ce guide, vous demandez un nouvel identifiant."),
            N_("Vous le recevez par SMS."),
            N_("Un SMS est un message court sur votre téléphone."),
            duration_needed_sentence(minutes_needed(policy)),
            NN_(
                "Vous pouvez demander {count} nouvel identifiant.",
                "Vous pouvez demander {count} nouveaux identifiants.",
                count=policy.reissues,
            ),
        ),
    )


def _before(policy: Policy) -> EasyToReadPart:
    mailbox = (N_("Vous devez pouvoir lire vos messages professionnels."),) if policy.confirm_in_mailbox else ()
    return EasyToReadPart(
        title=WHAT_YOU_NEED,
        sentences=(
            N_("Il vous faut votre mot de passe pour ce site."),
            N_("Il vous faut votre téléphone mobile."),
            N_("Il vous faut votre date de naissance."),
            N_("Il vous faut votre NUMEN."),
            N_("Le NUMEN est votre numéro à l'Éducation nationale."),
            N_("Vous ne connaissez pas votre NUMEN ?"),
            N_("Demandez-le au secrétariat de votre établissement."),
            *mailbox,
        ),
    )


def _request(steps: IdentifierFlow, policy: Policy) -> tuple[EasyToReadPart, ...]:
    return (
        EasyToReadPart(
            title=N_("Vous demandez un nouvel identifiant"),
            step=steps.begin,
            sentences=(
                OPEN_SITE,
                N_("Entrez avec votre adresse et votre mot de passe."),
                press_button_sentence(VOTER_SPACE.home, "new-identifier").sentence,
                N_("Une autre page s'ouvre."),
                press_button_sentence(steps.begin, "request"),
                N_("Vous avez retrouvé votre identifiant ?"),
                press_button_sentence(steps.begin, "back"),
            ),
        ),
        EasyToReadPart(
            title=N_("Vous dites qui vous êtes"),
            step=steps.identity,
            sentences=(
                EasyToReadElementSentence("phone", N_("Écrivez le numéro de votre téléphone mobile.")),
                EasyToReadElementSentence("birth_date", N_("Écrivez votre date de naissance en chiffres.")),
                N_("Par exemple : {example}", example=" ".join(EXAMPLE_BIRTH_DATE)),
                EasyToReadElementSentence("numen", N_("Écrivez votre NUMEN.")),
                N_("Relisez ce que vous avez écrit."),
                NN_(
                    "Après {count} erreur, il faut attendre {minutes} minutes.",
                    "Après {count} erreurs, il faut attendre {minutes} minutes.",
                    count=policy.matching_tries,
                    minutes=policy.matching_pause_minutes,
                ),
                press_button_sentence(steps.identity),
            ),
        ),
        EasyToReadPart(
            title=N_("Vous écrivez le code du SMS"),
            step=steps.code,
            sentences=(
                N_("Un SMS arrive sur votre téléphone."),
                NN_(
                    "Il contient un code de {count} chiffre.",
                    "Il contient un code de {count} chiffres.",
                    count=len(EXAMPLE_CODE),
                ),
                NN_(
                    "Ce code fonctionne pendant {count} minute.",
                    "Ce code fonctionne pendant {count} minutes.",
                    count=policy.code_valid_minutes,
                ),
                N_("Ne dites ce code à personne."),
                EasyToReadElementSentence("code", N_("Écrivez ce code sur la page.")),
                press_button_sentence(steps.code),
                N_("Le SMS n'arrive pas ?"),
                NN_("Attendez {count} seconde.", "Attendez {count} secondes.", count=policy.code_resend_after_seconds),
                press_button_sentence(steps.code, AGAIN),
                *(_call(steps, policy) if policy.code_call_after_seconds else ()),
                N_("Le numéro de téléphone est faux ?"),
                press_button_sentence(steps.code, "other-number"),
            ),
        ),
    )


def _call(steps: IdentifierFlow, policy: Policy) -> tuple[Text | EasyToReadElementSentence, ...]:
    return (
        N_("Le SMS n'arrive toujours pas ?"),
        NN_("Attendez {count} minute.", "Attendez {count} minutes.", count=ceil(policy.code_call_after_seconds / 60)),
        press_button_sentence(steps.code, CALL),
        N_("Votre téléphone sonne."),
        N_("Répondez vous-même."),
        N_("Une voix dit le code 2 fois."),
    )


def _confirmation(steps: ConfirmationSteps) -> tuple[EasyToReadPart, ...]:
    link = steps.mail.message.action
    if link is None:
        raise LookupError(f"The mail of step {steps.mail.code} has no link.")
    return (
        EasyToReadPart(
            title=N_("Vous attendez un message"),
            step=steps.asked,
            sentences=(
                N_("Le site envoie un message à votre adresse professionnelle."),
                *await_mail_sentences(steps.mail.message.subject),
                press_button_sentence(steps.asked, AGAIN),
            ),
        ),
        EasyToReadPart(
            title=N_("Vous ouvrez le message"),
            step=steps.mail,
            sentences=(
                N_("Ouvrez le message."),
                EasyToReadElementSentence("link", press_label_sentence(link)),
                N_("Ne donnez ce message à personne."),
            ),
        ),
        EasyToReadPart(
            title=N_("Vous confirmez la demande"),
            step=steps.confirm,
            sentences=(
                N_("Confirmer, c'est dire que la demande vient bien de vous."),
                N_("La page montre les 2 derniers chiffres d'un numéro de téléphone."),
                N_("C'est votre numéro ?"),
                press_button_sentence(steps.confirm),
            ),
        ),
    )


def _result(steps: IdentifierFlow) -> Iterator[EasyToReadPart]:
    yield EasyToReadPart(
        title=N_("Vous attendez votre identifiant"),
        step=steps.sending,
        sentences=(
            EasyToReadElementSentence("message", N_("Votre identifiant arrive par SMS.")),
            EasyToReadElementSentence("case", N_("Écrivez votre numéro de dossier sur un papier.")),
            N_("Gardez votre téléphone allumé."),
            N_("Ne recommencez pas la demande."),
        ),
    )
    yield EasyToReadPart(
        title=N_("C'est fini"),
        step=steps.done,
        sentences=(
            N_("Votre nouvel identifiant est dans le SMS."),
            N_("L'ancien identifiant ne fonctionne plus."),
            N_("Ne donnez votre identifiant à personne."),
            press_button_sentence(steps.done),
        ),
    )
    yield EasyToReadPart(
        title=N_("Le SMS n'est pas arrivé"),
        step=steps.failed,
        sentences=(
            N_("Votre téléphone n'a pas reçu le SMS."),
            N_("Vérifiez le numéro de votre téléphone."),
            press_button_sentence(steps.failed),
        ),
    )
