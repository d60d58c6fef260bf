"""Draws every page of the site with invented data."""

import shutil
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from importlib.resources import files
from pathlib import Path
from zoneinfo import ZoneInfo

from core.app.legal.notice import legal_pages
from core.app.settings import Settings
from core.app.settings.election_toml_template import sample
from core.flows.account.stop_change_definition import STOP_CHANGE, WHAT_HAPPENED, StoppableChange, doubt_sentence
from core.flows.account.voter_space_definition import VOTER_SPACE
from core.flows.contact_desk.definition import ContactFlow
from core.flows.identifier.current_step import CODE_BY_SMS, undelivered_identifier_facts
from core.flows.identifier.definition import IdentifierFlow
from core.flows.identifier.states import IdentifierSmsUndelivered
from core.flows.password.current_step import IF_ON_ROLL
from core.flows.password.definition import PasswordFlow
from core.flows.start_page import start_page_below_form
from core.forms import errors
from core.forms.error_catalogue import REFUSALS
from core.forms.field_parsers import clean_numen
from core.forms.flow_model import Action, AskStep, Field, FieldKind, FieldOption, FieldRejected, Flow, ShownStep, Step
from core.policy.calendar import Calendar
from core.policy.policy import Policy
from core.text.contact import ElectionContact
from core.text.text import N_, NN_, BilingualText, Language, Moment, Text, TimeOfDay
from webhook.legal_pages import draw_legal_page
from webhook.page_context import PageContext
from webhook.serve_help import HelpInOneLanguage
from webhook.step_rendering import draw_refusal, draw_step

PARIS = ZoneInfo("Europe/Paris")
TWO_O_CLOCK = datetime(2018, 12, 4, 14, 2, tzinfo=PARIS)
ADDRESS = "marie-philippine.de-la-tour-du-pin@ac-clermont-ferrand.example"
ELECTION = ElectionContact(
    name="Élections professionnelles 2018",
    site="https://vote.ac-lumiere.example",
    desk_phone="01 99 00 42 42",
    desk_hours=BilingualText("de 8 h à 18 h, heure de Paris", "8 am to 6 pm, Paris time"),
    vote_opens=TWO_O_CLOCK - timedelta(days=3),
    vote_closes=TWO_O_CLOCK + timedelta(days=3),
    vote_site="https://www.vote-professionnel.ac-lumiere.example/elections/2018",
)
CALENDAR = Calendar(
    recovery_opens=TWO_O_CLOCK - timedelta(days=30),
    vote_opens=TWO_O_CLOCK - timedelta(days=3),
    vote_closes=TWO_O_CLOCK + timedelta(days=3),
    last_minutes=timedelta(minutes=30),
    zone=PARIS,
)
LEGAL = legal_pages(Settings(**tomllib.loads(sample())).with_paths_and_secrets(Path("/nowhere")), Policy(), CALENDAR)
FACTS: Mapping[str, object] = {
    "asked_at": TimeOfDay(TWO_O_CLOCK),
    "until": Moment(TWO_O_CLOCK.replace(hour=18)),
    "again_from": TimeOfDay(TWO_O_CLOCK.replace(minute=5)),
    "changed_at": TimeOfDay(TWO_O_CLOCK),
    "requested_at": Moment(TWO_O_CLOCK),
    "frozen_at": TimeOfDay(TWO_O_CLOCK),
    "session_until": TimeOfDay(TWO_O_CLOCK.replace(hour=15)),
    "password_set": Moment(TWO_O_CLOCK),
    "masked_address": "m…@ac-clermont-ferrand.example",
    "what_happened": WHAT_HAPPENED[StoppableChange.IDENTIFIER],
    "doubt": doubt_sentence(""),
    "vote_while_blocked": N_("Le vote est terminé."),
    "vote_dates": N_("Le vote est ouvert jusqu'au {vote_closes} (heure de Paris).", vote_closes=Moment(TWO_O_CLOCK)),
    "asked": IF_ON_ROLL,
    "link_until": PasswordFlow(Policy()).link_validity,
    "identifier": N_("Vous avez votre identifiant de vote ?"),
    "reissues": N_("Il vous reste deux demandes."),
    "ending": "78",
    "sent_at": TimeOfDay(TWO_O_CLOCK),
    "destination": CODE_BY_SMS.under_way.fill({"ending": "78"}),
    "sending": N_(
        "Envoi {number} sur {sendings}, à {sent_at}.",
        number=2,
        sendings=3,
        sent_at=TimeOfDay(TWO_O_CLOCK),
    ),
    "validity": N_(
        "Le code est valable jusqu'à {code_until} (heure de Paris).",
        code_until=TimeOfDay(TWO_O_CLOCK.replace(minute=10)),
    ),
    **undelivered_identifier_facts(IdentifierSmsUndelivered(voter=1, ending="78", given_back=True, at=TWO_O_CLOCK)),
    "subject": N_("Mot de passe"),
    "answer": N_("L'assistance vous écrit."),
    "first_name": "Marie-Philippine",
    "last_name": "de La Tour du Pin",
}
REFUSED: Mapping[str, object] = {
    "kept": errors.requests_kept_sentence(2),
    "reopened_at": TimeOfDay(TWO_O_CLOCK),
    "chosen_at": TimeOfDay(TWO_O_CLOCK),
    "expired_at": TimeOfDay(TWO_O_CLOCK),
    "opens_at": Moment(TWO_O_CLOCK),
    "closed_at": Moment(TWO_O_CLOCK),
    "most": 3,
    "resumes_at": Moment(TWO_O_CLOCK),
}
CASE = "7F3K-92QD"
WITH_EVERY_STEP = replace(Policy(), confirm_in_mailbox=True)


def around(*, language: Language = Language.FRENCH, phase_notice: Text | None = None) -> PageContext:
    """Return an invented context for a page."""
    return PageContext(
        language=language,
        election=ELECTION,
        here="/mot-de-passe/etape",
        home="/",
        posts_to="/mot-de-passe/etape",
        phase_notice=phase_notice,
        desk_status=N_("L'assistance est ouverte."),
        legal=LEGAL,
    )


def facts_for(step: Step, flow: PasswordFlow) -> dict[str, object]:
    """Return the values that a step shows.

    From the first step to the mail, the address is complete. At other steps it is masked.
    """
    asked = ContactFlow(WITH_EVERY_STEP).asked
    typed = step.code in {flow.choose_way.code, flow.confirm.code, flow.message_asked.code, asked.code}
    confirmation = IdentifierFlow(WITH_EVERY_STEP).confirmation
    if confirmation is not None and step.code == confirmation.asked.code:
        return {**FACTS, "sending": 2, "sendings": 3}
    return {**FACTS, "address": ADDRESS} if typed else dict(FACTS)


def steps(policy: Policy) -> Iterator[tuple[Flow, Step]]:
    """Return every step of every flow."""
    for flow in (
        PasswordFlow(policy).flow,
        VOTER_SPACE.flow,
        IdentifierFlow(policy).flow,
        STOP_CHANGE.flow,
        ContactFlow(policy).flow,
    ):
        for step in flow.steps:
            yield flow, step


def every_kind_of_field() -> AskStep:
    """Return a step with a field of each kind that no flow uses."""
    later = {
        FieldKind.PHONE: ("phone", "Téléphone portable", "tel", {"phone": "06 39 98 00 42"}),
        FieldKind.BIRTH_DATE: (
            "birth_date",
            "Date de naissance",
            "bday",
            {"birth_date-day": "31", "birth_date-month": "12", "birth_date-year": "1970"},
        ),
        FieldKind.NUMEN: ("numen", "NUMEN", "off", {"numen": "18G1234567ABC"}),
        FieldKind.CODE: ("code", "Code de sécurité", "one-time-code", {"code": "123456"}),
        FieldKind.CHOICE: ("choix", "Sujet", "off", {"choix": "a"}),
        FieldKind.CASE_NUMBER: ("dossier", "Dossier (facultatif)", "off", {"dossier": "7F3K-92QD"}),
    }
    fields: tuple[Field[object], ...] = tuple(
        Field(
            name=name,
            label=N_(label),
            hint=N_("Par exemple : {example}", example=" ".join(example.values())),
            example=example,
            parse=lambda form: clean_numen(next(iter(form.values()))),
            kind=kind,
            autocomplete=token,
            options=(FieldOption(value="a", label=N_("A")),) if kind is FieldKind.CHOICE else (),
        )
        for kind, (name, label, token, example) in later.items()
    )
    model = PasswordFlow(Policy()).identify
    return AskStep(
        code="XX-1",
        slug="champs",
        copy=model.copy,
        actions=(Action(name="continue", label=N_("Valider"), answers=dict, fields=fields),),
    )


def problems_of(step: Step) -> dict[str, FieldRejected]:
    """Return an error for each field of a step."""
    said = {
        FieldKind.ADDRESS: errors.AddressOddCharacter(character="<"),
        FieldKind.SECRET: errors.WrongPassword(),
        FieldKind.NEW_SECRET: errors.NewPasswordTooShort(minimum=8),
    }
    return {each.name: said.get(each.kind, errors.NewPasswordsDiffer()) for act in step.actions for each in act.fields}


def refusals() -> Iterator[errors.Refusal]:
    """Return an example of each refusal that a page can show, except refusals of the roll."""
    for each in sorted(REFUSALS, key=lambda refusal: refusal.id):
        yield each(until=TWO_O_CLOCK, **REFUSED)


def pages(policy: Policy | None = None, language: Language = Language.FRENCH) -> dict[str, str]:
    """Return every page of the site by a short name."""
    policy = policy or WITH_EVERY_STEP
    flow = PasswordFlow(policy)
    surroundings = around(language=language)
    drawn: dict[str, str] = {}
    for _, step in steps(policy):
        facts = facts_for(step, flow)
        shown = ShownStep(step=step, facts=facts, case=None if step.code == flow.identify.code else CASE)
        drawn[step.code] = draw_step(shown, surroundings)
        if problems := problems_of(step):
            form = {name: typed for act in step.actions for each in act.fields for name, typed in each.example.items()}
            tries = NN_("Il reste {count} essai.", "Il reste {count} essais.", count=3)
            drawn[f"{step.code}-problem"] = draw_step(shown, surroundings, form=form, problems=problems, tries=tries)
    fields = every_kind_of_field()
    drawn["fields"] = draw_step(ShownStep(step=fields), surroundings)
    drawn["fields-problem"] = draw_step(ShownStep(step=fields), surroundings, problems=problems_of(fields))
    drawn["start"] = draw_step(
        ShownStep(step=flow.identify),
        replace(
            surroundings,
            start=start_page_below_form(policy, CALENDAR),
            help=HelpInOneLanguage(language=language, flow="x"),
        ),
    )
    drawn["waiting"] = draw_step(_waiting(flow), around(language=language, phase_notice=N_("Le vote est ouvert.")))
    drawn |= {f"legal{page.path.replace('/', '-')}": draw_legal_page(page, surroundings) for page in LEGAL}
    drawn |= {f"refusal-{refusal.id}": draw_refusal(refusal, surroundings) for refusal in refusals()}
    return drawn


def _waiting(flow: PasswordFlow) -> ShownStep:
    return ShownStep(
        step=flow.message_asked,
        facts={
            **FACTS,
            "address": ADDRESS,
            "may_ask_again": False,
            "queue_delay": NN_(
                "Les messages partent en ce moment en {count} minute environ.",
                "Les messages partent en ce moment en {count} minutes environ.",
                count=4,
            ),
        },
        case=CASE,
        notices=(N_("Vous êtes déjà connecté dans ce navigateur."),),
    )


def write(folder: Path, drawn: Mapping[str, str]) -> None:
    """Write the pages into a folder, together with the style sheet and the script that they load."""
    shutil.copytree(str(files("templates") / "static"), folder / "static", dirs_exist_ok=True)
    for name, page in drawn.items():
        (folder / f"{name}.html").write_text(page.replace('"/static/', '"static/'), encoding="utf-8")
