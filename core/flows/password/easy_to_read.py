from collections.abc import Iterator

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
from core.flows.password.definition import AT_THE_KEYBOARD_MINUTES, EXAMPLE_ADDRESS, PasswordFlow, duration_sentence
from core.policy.policy import Policy
from core.text.faces.page_frame_texts import CHANGE_ADDRESS
from core.text.text import N_, NN_, Text


def password_easy_to_read_guide(steps: PasswordFlow, policy: Policy) -> EasyToReadGuide:
    return EasyToReadGuide(
        title=N_("Mot de passe perdu : le guide facile à lire"),
        parts=(
            _purpose(policy),
            BEFORE,
            reading_help_part(steps.identify),
            *_request(steps, policy),
            *_answer(steps, policy),
            desk_help_part(steps.identify),
        ),
    )


def _purpose(policy: Policy) -> EasyToReadPart:
    return EasyToReadPart(
        title=N_("À quoi sert ce guide"),
        sentences=(
            N_("Vous avez perdu votre mot de passe ?"),
            N_("Vous n'avez jamais eu de mot de passe ?"),
            THIS_GUIDE_IS_FOR_YOU,
            N_("Un mot de passe est un mot secret."),
            N_("Il sert à entrer sur le site de l'élection."),
            N_("Avec ce guide, vous choisissez un nouveau mot de passe."),
            duration_needed_sentence(AT_THE_KEYBOARD_MINUTES + policy.normal_mail_delay_minutes),
        ),
    )


BEFORE = EasyToReadPart(
    title=WHAT_YOU_NEED,
    sentences=(
        N_("Il vous faut votre adresse professionnelle."),
        N_("C'est l'adresse électronique que votre employeur vous a donnée."),
        N_("Vous devez pouvoir lire les messages de cette adresse."),
        N_("Une personne de confiance peut vous aider."),
        N_("Mais choisissez votre mot de passe sans elle."),
    ),
)


def _request(steps: PasswordFlow, policy: Policy) -> tuple[EasyToReadPart, ...]:
    return (
        EasyToReadPart(
            title=N_("Vous donnez votre adresse"),
            step=steps.identify,
            sentences=(
                OPEN_SITE,
                EasyToReadElementSentence("email", N_("Écrivez votre adresse professionnelle.")),
                N_("Par exemple : {example}", example=EXAMPLE_ADDRESS),
                press_button_sentence(steps.identify),
            ),
        ),
        EasyToReadPart(
            title=N_("Vous dites que le mot de passe est perdu"),
            step=steps.choose_way,
            sentences=(
                N_("Ne remplissez rien sur cette page."),
                press_button_sentence(steps.choose_way, "forgotten"),
            ),
        ),
        EasyToReadPart(
            title=N_("Vous demandez un message"),
            step=steps.confirm,
            sentences=(
                N_("Lisez l'adresse sur la page."),
                N_("C'est la bonne adresse ?"),
                press_button_sentence(steps.confirm),
                N_("Ce n'est pas la bonne adresse ?"),
                press_label_sentence(CHANGE_ADDRESS),
            ),
        ),
        EasyToReadPart(
            title=N_("Vous attendez le message"),
            step=steps.message_asked,
            sentences=(
                N_("Le site vous envoie un message."),
                N_("Pour cela, vous devez être sur la liste des électeurs."),
                NN_(
                    "Attendez environ {count} minute.",
                    "Attendez environ {count} minutes.",
                    count=policy.normal_mail_delay_minutes,
                ),
                *await_mail_sentences(steps.mail.message.subject),
                press_button_sentence(steps.message_asked),
            ),
        ),
    )


def _answer(steps: PasswordFlow, policy: Policy) -> tuple[EasyToReadPart, ...]:
    link = steps.mail.message.action
    if link is None:
        raise LookupError(f"The mail of step {steps.mail.code} has no link.")
    return (
        EasyToReadPart(
            title=N_("Vous ouvrez le message"),
            step=steps.mail,
            sentences=(
                N_("Ouvrez le message."),
                EasyToReadElementSentence("link", press_label_sentence(link)),
                N_("Ce bouton fonctionne pendant {validity}.", validity=duration_sentence(policy.link_valid_minutes)),
                N_("Il fonctionne 1 seule fois."),
                N_("Ne donnez ce message à personne."),
            ),
        ),
        EasyToReadPart(
            title=N_("Vous choisissez un mot de passe"),
            step=steps.choose_password,
            sentences=(
                *_rules(policy),
                EasyToReadElementSentence("new_password", N_("Écrivez votre nouveau mot de passe.")),
                EasyToReadElementSentence("new_password_again", N_("Écrivez encore le même mot de passe.")),
                press_button_sentence(steps.choose_password),
                N_("Le site refuse votre mot de passe ?"),
                N_("Lisez pourquoi, en haut de la page."),
                N_("Puis choisissez un autre mot de passe."),
            ),
        ),
        EasyToReadPart(
            title=N_("C'est fini"),
            step=steps.done,
            sentences=(
                N_("Votre nouveau mot de passe fonctionne."),
                N_("Un message vous dit que le mot de passe a changé."),
                N_("Vous voulez entrer sur le site ?"),
                press_button_sentence(steps.done),
            ),
        ),
    )


def _rules(policy: Policy) -> Iterator[Text]:
    yield N_("Inventez un mot de passe.")
    yield N_(
        "Il doit avoir entre {minimum} et {maximum} signes.",
        minimum=policy.password_minimum_length,
        maximum=policy.password_maximum_length,
    )
    yield N_("Un signe est une lettre, un chiffre ou un espace.")
    if policy.password_unicode_letters:
        yield N_("Mettez au moins 1 petite lettre.")
        yield N_("Mettez au moins 1 grande lettre.")
    else:
        yield N_("Mettez au moins 1 petite lettre sans accent.")
        yield N_("Mettez au moins 1 grande lettre sans accent.")
    yield N_("Mettez au moins 1 chiffre.")
    yield N_("Ne mettez pas votre nom.")
    yield N_("Ne prenez pas le mot de passe de votre messagerie.")
