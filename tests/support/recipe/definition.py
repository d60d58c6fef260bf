"""The definition of the flow RE. It contains every kind of step and field."""

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date

from core.flows.password_rules import password_criteria
from core.forms.field_parsers import (
    ParsedEmailAddress,
    email_parser,
    new_password_parser,
    parse_calendar_date,
    parse_numen,
    parse_password,
)
from core.forms.flow_model import (
    Action,
    AskStep,
    AwaitMessageStep,
    ChooseStep,
    CommonProblem,
    Field,
    FieldKind,
    FieldMistakeExample,
    FieldRejected,
    FinalStep,
    Flow,
    Form,
    MailOrSmsText,
    VoterAndAgentWords,
)
from core.policy.policy import Policy
from core.text.text import N_, NN_, Text

SLUG = "recette"
ADDRESS = "camille.martin@ac-lumiere.example"
DISH = "Tarte aux 3 Pommes"
BIRTH_DATE = {"birth_date-day": "31", "birth_date-month": "12", "birth_date-year": "1970"}


class NoSuchDay(FieldRejected):
    """Raised for a date that does not exist, such as the 31st of February."""

    id = "recipe-no-such-day"
    sentence = N_("Cette date n'existe pas : saisissez le jour, le mois et l'année.")


class NotReadable(FieldRejected):
    """Raised for any other text that cannot be read."""

    id = "recipe-not-readable"
    sentence = N_("Saisissez « {what} » comme dans l'exemple.")


class WrongRecipeCode(FieldRejected):
    """Raised when the handler finds that a code is wrong."""

    id = "recipe-wrong-code"
    sentence = NN_("Ce n'est pas le bon code : il reste {count} essai.", "… : il reste {count} essais.", count=2)


@dataclass(frozen=True, slots=True)
class Recipe:
    email: ParsedEmailAddress
    birth_date: date
    numen: str
    phone: str


@dataclass(frozen=True, slots=True)
class Sweet:
    """The answer "sweet" of RE-4, which has two fields."""

    password: str
    new_password: str


@dataclass(frozen=True, slots=True)
class Savoury:
    """The answer "savoury" of RE-4, which has no fields."""


@dataclass(frozen=True, slots=True)
class Baked:
    code: str


@dataclass(frozen=True, slots=True)
class OnceMore:
    """The answer of RE-6."""


def _birth_date(form: Form) -> date:
    day, month, year = (form.get(f"birth_date-{part}", "") for part in ("day", "month", "year"))
    read = parse_calendar_date(f"{day}/{month}/{year}")
    if read is None:
        raise NoSuchDay
    return read


def _digits(name: str, count: int) -> Callable[[Form], str]:
    def parse(form: Form) -> str:
        read = re.sub(r"\s", "", form.get(name, ""))
        if not re.fullmatch(rf"\d{{{count}}}", read):
            raise NotReadable(what=name)
        return read

    return parse


def _field(kind: FieldKind, label: str, example: str, parse: Callable[[Form], object], token: str) -> Field[object]:
    hint = N_("Par exemple : {example}", example=example)
    name = "email" if kind is FieldKind.ADDRESS else kind.value
    return Field(
        name=name, label=N_(label), hint=hint, example={name: example}, parse=parse, kind=kind, autocomplete=token
    )


def _copy(title: str, *voter: Text) -> VoterAndAgentWords:
    trouble = CommonProblem(symptom=N_("Ça brûle"), voter=N_("Baissez le four."), agent=N_("Faites baisser le four."))
    return VoterAndAgentWords(title=N_(title), voter=voter, agent=voter, common_problems=(trouble,))


_DATE: Field[object] = Field(
    name="birth_date",
    label=N_("Date de naissance"),
    hint=N_("Le jour, le mois et l'année"),
    example=BIRTH_DATE,
    parse=_birth_date,
    kind=FieldKind.BIRTH_DATE,
    autocomplete="bday",
    mistakes=(FieldMistakeExample(typed={**BIRTH_DATE, "birth_date-month": "2"}, error=NoSuchDay),),
)
_NEW_SECRET: Field[object] = Field(
    name="new_password",
    label=N_("Nom du plat"),
    hint=N_("Inventez-le."),
    example={"new_password": DISH, "new_password_again": DISH},
    parse=new_password_parser(password_criteria(Policy())),
    kind=FieldKind.NEW_SECRET,
    autocomplete="new-password",
    criteria=password_criteria(Policy()),
    again=N_("Le nom du plat, encore une fois"),
)
_SECRET = replace(
    _field(FieldKind.SECRET, "Mot de passe du cuisinier", "Farine 55", parse_password, "current-password"),
    name="password",
    example={"password": "Farine 55"},
)
ORDER = AskStep(
    code="RE-1",
    slug="commande",
    copy=_copy("Une recette", N_("Dites qui vous êtes.")),
    actions=(
        Action(
            name="order",
            label=N_("Commander"),
            answers=Recipe,
            fields=(
                _field(FieldKind.ADDRESS, "Adresse", ADDRESS, email_parser(ADDRESS), "username"),
                _DATE,
                _field(FieldKind.NUMEN, "NUMEN", "01E0123456ABC", lambda form: parse_numen(form, "numen"), "off"),
                _field(FieldKind.PHONE, "Téléphone", "06 39 98 00 42", _digits("phone", 10), "tel"),
            ),
        ),
    ),
)
INVITATION = MailOrSmsText(
    code="RE-3",
    subject=N_("Votre recette vous attend"),
    body=(N_("Bonjour {first_name} {last_name},"), N_("Choisissez votre plat.")),
    action=N_("Choisir un plat"),
)
POSTED = AwaitMessageStep(
    code="RE-2", slug="invitation", copy=_copy("Une invitation part", N_("Lisez vos messages.")), message=INVITATION
)
MAIL = AwaitMessageStep(
    code="RE-3", slug="courriel", copy=_copy("L'invitation", N_("Suivez le lien.")), message=INVITATION, elsewhere=True
)
TASTE = ChooseStep(
    code="RE-4",
    slug="gout",
    copy=_copy("Sucré ou salé", N_("Né le {born}, vous aimez : ?")),
    actions=(
        Action(name="sweet", label=N_("Sucré"), answers=Sweet, fields=(_SECRET, _NEW_SECRET)),
        Action(name="savoury", label=N_("Salé"), answers=Savoury),
    ),
)
OVEN = AwaitMessageStep(
    code="RE-5",
    slug="four",
    copy=_copy("Au four", NN_("Encore {count} minute.", "Encore {count} minutes.", count=20)),
    message=MailOrSmsText(code="RE-5", subject=N_("C'est prêt"), body=(N_("À table !"),)),
    actions=(
        Action(
            name="baked",
            label=N_("Sortir du four"),
            answers=Baked,
            fields=(_field(FieldKind.CODE, "Code du four", "004 217", _digits("code", 6), "one-time-code"),),
        ),
    ),
)
TABLE = FinalStep(
    code="RE-6",
    slug="table",
    copy=_copy("Bon appétit", N_("{dish} est servi.")),
    actions=(Action(name="restart", label=N_("Recommencer"), answers=OnceMore),),
)
ORDERED, OPENED, MISREAD, SERVED = "recette-ordered", "recette-opened", "recette-misread", "recette-served"
RECIPE = Flow(
    slug=SLUG,
    title=N_("Recette"),
    steps=(ORDER, POSTED, MAIL, TASTE, OVEN, TABLE),
    reached={ORDERED: POSTED, "mail-accepted": MAIL, OPENED: TASTE, SERVED: TABLE},
)
