"""What an agent types: signing in, a first password, unlocking, the caller's answers, a supervisor's signature.

The acts are read like a step's, so a terminal draws their fields as any others; what they do is in `core.service.desk`.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date
from typing import TypeVar

from core.answers import (
    new_password_field,
    parse_agent_name,
    parse_agent_password,
    parse_birth_date,
    parse_numen,
    parse_unlock,
)
from core.codes import parse_agent_code
from core.flows.password import EXAMPLE_PASSWORD, criteria
from core.policy import PRESETS, Policy
from core.steps import Act, Field, FieldKind, Form
from core.text import N_

T = TypeVar("T")

AGENT_RULES = PRESETS["2026"]
"""An agent sees a million files: the newest rules for passwords, whatever those of the voters."""


@dataclass(frozen=True, slots=True)
class SigningIn:
    """Name, password, and the code shown at that moment."""

    name: str
    password: str
    code: str


@dataclass(frozen=True, slots=True)
class OwnPassword:
    """In the place of the first one."""

    new_password: str


@dataclass(frozen=True, slots=True)
class Unlocking:
    """The password, or a code."""

    opening: str


@dataclass(frozen=True, slots=True)
class CallerAnswers:
    """What the caller said, as the agent typed it."""

    birth_date: date
    numen: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DeskForms:
    """The acts, by what they are for."""

    sign_in: Act[SigningIn]
    choose_password: Act[OwnPassword]
    unlock: Act[Unlocking]
    verify_caller: Act[CallerAnswers]
    countersign: Act[SigningIn]


def agent_password_policy(policy: Policy) -> Policy:
    """The election's policy, with the rules for agents' passwords."""
    return replace(
        policy,
        password_minimum_length=AGENT_RULES.password_minimum_length,
        password_maximum_length=AGENT_RULES.password_maximum_length,
        password_unicode_letters=AGENT_RULES.password_unicode_letters,
        password_strength=AGENT_RULES.password_strength,
    )


def desk_forms(policy: Policy) -> DeskForms:
    """The acts under that policy."""
    credentials = (_name(), _password(), _code())
    return DeskForms(
        sign_in=Act(name="sign-in", label=N_("Ouvrir la session"), answers=SigningIn, fields=credentials),
        choose_password=_choose_password(agent_password_policy(policy)),
        unlock=Act(name="unlock", label=N_("Déverrouiller"), answers=Unlocking, fields=(_opening(),)),
        verify_caller=Act(name="verify", label=N_("Vérifier"), answers=CallerAnswers, fields=(_birth_date(), _numen())),
        countersign=Act(name="countersign", label=N_("Signer"), answers=SigningIn, fields=credentials),
    )


def _of(name: str, parse: Callable[[Form, str], T]) -> Callable[[Form], T]:
    return lambda form: parse(form, name)


def _name() -> Field[object]:
    return Field(
        name="name",
        label=N_("Nom d'agent"),
        hint=N_("Celui qui vous a été donné, par exemple « camille »."),
        example={"name": "camille"},
        parse=_of("name", parse_agent_name),
        kind=FieldKind.ADDRESS,
        autocomplete="username",
    )


def _password() -> Field[object]:
    return Field(
        name="password",
        label=N_("Mot de passe"),
        hint=N_("Votre mot de passe d'agent."),
        example={"password": EXAMPLE_PASSWORD},
        parse=_of("password", parse_agent_password),
        kind=FieldKind.SECRET,
        autocomplete="current-password",
    )


def _code() -> Field[object]:
    return Field(
        name="code",
        label=N_("Code à six chiffres"),
        hint=N_("Celui que votre application affiche à présent ; il ne sert qu'une fois."),
        example={"code": "123 456"},
        parse=_of("code", parse_agent_code),
        kind=FieldKind.CODE,
        autocomplete="one-time-code",
    )


def _opening() -> Field[object]:
    return Field(
        name="opening",
        label=N_("Mot de passe ou code"),
        hint=N_("Votre mot de passe d'agent, ou le code de votre application."),
        example={"opening": EXAMPLE_PASSWORD},
        parse=_of("opening", parse_unlock),
        kind=FieldKind.SECRET,
        autocomplete="current-password",
    )


def _birth_date() -> Field[object]:
    return Field(
        name="birth_date",
        label=N_("Date de naissance de l'appelant"),
        hint=N_("Demandez-la en entier, sans rien souffler."),
        example={"birth_date-day": "31", "birth_date-month": "12", "birth_date-year": "1970"},
        parse=_of("birth_date", parse_birth_date),
        kind=FieldKind.BIRTH_DATE,
        autocomplete="bday",
    )


def _numen() -> Field[object]:
    return Field(
        name="numen",
        label=N_("NUMEN de l'appelant"),
        hint=N_("Treize caractères. La personne le trouve au secrétariat de son établissement."),
        example={"numen": "12A1234567BCD"},
        parse=_of("numen", parse_numen),
        kind=FieldKind.NUMEN,
        autocomplete="off",
    )


def _choose_password(policy: Policy) -> Act[OwnPassword]:
    rules = criteria(policy)
    return Act(
        name="save",
        label=N_("Enregistrer le mot de passe"),
        answers=OwnPassword,
        fields=(
            Field(
                name="new_password",
                label=N_("Nouveau mot de passe"),
                hint=N_("Il remplace celui qui vous a été donné, et vous seul le connaissez."),
                example={"new_password": EXAMPLE_PASSWORD, "new_password_again": EXAMPLE_PASSWORD},
                parse=new_password_field(rules),
                kind=FieldKind.NEW_SECRET,
                autocomplete="new-password",
                criteria=rules,
                again=N_("Le même mot de passe, encore une fois"),
            ),
        ),
    )
