from dataclasses import dataclass
from datetime import date
from functools import partial

from core.flows.password_rules import EXAMPLE_PASSWORD, password_criteria
from core.forms.field_parsers import (
    new_password_parser,
    parse_agent_name,
    parse_agent_password,
    parse_birth_date,
    parse_numen,
    parse_unlock_password_or_code,
)
from core.forms.flow_model import Action, Field, FieldKind
from core.policy.policy import PRESETS
from core.security.security_codes import parse_agent_code
from core.text.faces.supervisor_approval_texts import SIGN
from core.text.text import N_

AGENT_RULES = PRESETS["2026"]
"""Password rules for agents. They are strict because agents can read every voter's file."""


@dataclass(frozen=True, slots=True)
class AgentCredentials:
    name: str
    password: str
    code: str


@dataclass(frozen=True, slots=True)
class NewAgentPassword:
    new_password: str


@dataclass(frozen=True, slots=True)
class UnlockSecret:
    secret: str


@dataclass(frozen=True, slots=True)
class CallerAnswers:
    birth_date: date
    numen: str


@dataclass(frozen=True, slots=True)
class ApprovalCode:
    code: str


CREDENTIALS: tuple[Field[object], ...] = (
    Field(
        name="name",
        label=N_("Nom d'agent"),
        hint=N_("Celui qui vous a été donné, par exemple « camille »."),
        example={"name": "camille"},
        parse=partial(parse_agent_name, name="name"),
        kind=FieldKind.ADDRESS,
        autocomplete="username",
    ),
    Field(
        name="password",
        label=N_("Mot de passe"),
        hint=N_("Votre mot de passe d'agent."),
        example={"password": EXAMPLE_PASSWORD},
        parse=partial(parse_agent_password, name="password"),
        kind=FieldKind.SECRET,
        autocomplete="current-password",
    ),
    Field(
        name="code",
        label=N_("Code à six chiffres"),
        hint=N_("Celui que votre application affiche à présent ; il ne sert qu'une fois."),
        example={"code": "123 456"},
        parse=partial(parse_agent_code, name="code"),
        kind=FieldKind.CODE,
        autocomplete="one-time-code",
    ),
)
RULES = password_criteria(AGENT_RULES)
NEW_PASSWORD: Field[object] = Field(
    name="new_password",
    label=N_("Nouveau mot de passe"),
    hint=N_("Il remplace celui qui vous a été donné, et vous seul le connaissez."),
    example={"new_password": EXAMPLE_PASSWORD, "new_password_again": EXAMPLE_PASSWORD},
    parse=new_password_parser(RULES),
    kind=FieldKind.NEW_SECRET,
    autocomplete="new-password",
    criteria=RULES,
    again=N_("Le même mot de passe, encore une fois"),
)
UNLOCK_SECRET: Field[object] = Field(
    name="secret",
    label=N_("Mot de passe ou code"),
    hint=N_("Votre mot de passe d'agent, ou le code de votre application."),
    example={"secret": EXAMPLE_PASSWORD},
    parse=partial(parse_unlock_password_or_code, name="secret"),
    kind=FieldKind.SECRET,
    autocomplete="current-password",
)
CALLER_ANSWERS: tuple[Field[object], ...] = (
    Field(
        name="birth_date",
        label=N_("Date de naissance de l'appelant"),
        hint=N_("Demandez-la en entier, sans rien souffler."),
        example={"birth_date-day": "31", "birth_date-month": "12", "birth_date-year": "1970"},
        parse=partial(parse_birth_date, name="birth_date"),
        kind=FieldKind.BIRTH_DATE,
        autocomplete="bday",
    ),
    Field(
        name="numen",
        label=N_("NUMEN de l'appelant"),
        hint=N_(
            "Treize caractères. La personne ne l'a pas ? Son secrétariat le connaît : elle rappelle ensuite. Sur le site, un nouveau mot de passe se demande sans NUMEN."
        ),
        example={"numen": "12A1234567BCD"},
        parse=partial(parse_numen, name="numen"),
        kind=FieldKind.NUMEN,
        autocomplete="off",
    ),
)

SIGN_IN = Action(name="sign-in", label=N_("Ouvrir la session"), answers=AgentCredentials, fields=CREDENTIALS)
CHOOSE_PASSWORD = Action(
    name="save", label=N_("Enregistrer le mot de passe"), answers=NewAgentPassword, fields=(NEW_PASSWORD,)
)
UNLOCK = Action(name="unlock", label=N_("Déverrouiller"), answers=UnlockSecret, fields=(UNLOCK_SECRET,))
VERIFY_CALLER = Action(name="verify", label=N_("Vérifier"), answers=CallerAnswers, fields=CALLER_ANSWERS)
COUNTERSIGN = Action(name="countersign", label=N_("Signer"), answers=AgentCredentials, fields=CREDENTIALS)
APPROVE = Action(name="sign", label=SIGN, answers=ApprovalCode, fields=CREDENTIALS[2:])
