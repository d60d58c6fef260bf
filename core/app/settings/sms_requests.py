"""The HTTP requests declared in [sms.gateways.request] and [sms.gateways.call]."""

import re
from collections.abc import Iterator, Mapping
from typing import Annotated, Any, Literal, Self
from urllib.parse import urlsplit

from annotated_types import Interval
from pydantic import AfterValidator, Field, StringConstraints, model_validator

from core.adapters.declared_requests import (
    SECRET,
    AnswerCondition,
    DeclaredRequest,
    PlaceholderError,
    check_expression,
    fill_url,
    placeholders,
)
from core.app.settings.election_toml_template import Place
from core.app.settings.refusals import refusal, refuse
from core.app.settings.section_base import SettingsSection
from core.app.settings.values import ON_THIS_MACHINE, ShortText, WholeNumber
from core.text.text import N_

ACCOUNT = ("auth", "username", "token_url", "scope")
HEADER_NAME = re.compile(r"[A-Za-z0-9-]+")
FORBIDDEN_IN_URL = frozenset(" #\\")
"""Characters that an HTTP address must not contain."""

NO_SECRET_FOR_THE_GATEWAY = N_("Cette passerelle SMS n'a pas de secret : il lui faut secret_file.")
UNKNOWN_PLACEHOLDER = N_(
    "La valeur {placeholder} n'existe pas : ajoutez-la à [sms.gateways.values], ou choisissez parmi {known}."
)
WRONG_PLACEHOLDER = N_(
    "Une accolade doit entourer le nom d'une valeur, en minuscules ; une accolade ordinaire s'écrit deux fois."
)
WRONG_EXPRESSION = N_("Ce n'est pas une expression JMESPath : {detail}.")
NOT_AN_HTTP_URL = N_("Il faut une adresse https://, ou http:// vers cette machine, sans compte, sans espace et sans #.")
ONE_BODY = N_("Une requête a un formulaire (form) ou du JSON (json), pas les deux, et aucun avec GET.")
WRONG_HEADER = N_("Un en-tête a un nom fait de lettres, de chiffres et de tirets, et une valeur sur une ligne.")
NO_CONDITION = N_("Une réponse se reconnaît au moins à son status, ou à une expression when ou id.")


def _check_expression(written: str) -> str:
    try:
        check_expression(written)
    except ValueError as error:
        detail = str(error).partition("\n")[0].rstrip(".")
        raise refusal(WRONG_EXPRESSION.fill({"detail": detail})) from None
    return written


Expression = Annotated[str, AfterValidator(_check_expression)]
HttpStatus = Annotated[WholeNumber, Interval(ge=100, le=599)]
Scalar = str | int | float | bool
Fields = dict[str, Scalar | list[Scalar]]


class ConditionSection(SettingsSection):
    """A condition on an HTTP answer: its status is listed in `status`, and the expression `when` is true."""

    status: tuple[HttpStatus, ...] = ()
    when: Expression | None = None
    id: Expression | None = None

    @model_validator(mode="after")
    def _require_condition(self) -> Self:
        if not self.status and self.when is None and self.id is None:
            raise refusal(NO_CONDITION)
        return self

    @property
    def condition(self) -> AnswerCondition:
        return AnswerCondition(status=frozenset(self.status), when=self.when, id=self.id)


class RequestSection(SettingsSection):
    """A declared HTTP request, and the meaning of its answers."""

    method: Literal["POST", "PUT", "GET"] = "POST"
    url: str
    auth: Annotated[str, StringConstraints(pattern=r"^(basic|bearer|header:[A-Za-z0-9-]+)$")] | None = None
    username: str = ""
    token_url: str | None = None
    scope: ShortText | None = None
    headers: dict[str, Scalar] = Field(default_factory=dict)
    query: Fields = Field(default_factory=dict)
    form: Fields | None = None
    json_body: dict[str, Any] | list[Any] | None = Field(default=None, alias="json")
    valid_at_most: Annotated[WholeNumber, Interval(ge=60)] | None = None
    answer: Literal["json", "text"] = "json"
    accepted: ConditionSection = ConditionSection(status=(200, 201, 202))
    permanent: ConditionSection | None = None

    def check(self, place: Place, known: Mapping[str, object], *, has_secret: bool) -> None:
        """Check placeholders, headers and URLs. `place` is the section's path."""
        if (self.form is not None) + (self.json_body is not None) > (self.method != "GET"):
            refuse(place, {}, ONE_BODY)
        for name, header in self.headers.items():
            if not HEADER_NAME.fullmatch(name) or not str(header).isprintable():
                refuse((*place, "headers", name), header, WRONG_HEADER)
        for part, value in self._filled_values():
            _check_placeholders((*place, *part), value, known)
        for name, url in (("url", self.url), ("token_url", self.token_url)):
            if url is not None and not _is_http_url(fill_url(url, known)):
                refuse((*place, name), url, NOT_AN_HTTP_URL)
        if (self.auth is not None or self.token_url is not None or self.fills(SECRET)) and not has_secret:
            refuse(place[:-1], {}, NO_SECRET_FOR_THE_GATEWAY)

    def fills(self, placeholder: str) -> bool:
        return any(placeholder in placeholders(value) for _, value in self._filled_values())

    def declared(self, account: "RequestSection") -> DeclaredRequest:
        """Return the transport's settings. `account` is the section with the credentials."""
        options = self.model_dump(exclude={"accepted", "permanent", "json_body", "caller", "report", *ACCOUNT})
        permanent = None if self.permanent is None else self.permanent.condition
        return DeclaredRequest(
            **options, json=self.json_body, accepted=self.accepted.condition, permanent=permanent,
            auth=account.auth, token_url=account.token_url, scope=account.scope,
            username=self.username or account.username,
        )  # fmt: skip

    def _filled_values(self) -> Iterator[tuple[Place, object]]:
        for name in ("url", "token_url", "username"):
            yield (name,), getattr(self, name)
        tables = {"headers": self.headers, "query": self.query, "form": self.form, "json": self.json_body}
        for name, table in tables.items():
            if isinstance(table, dict):
                yield from (((name, key), value) for key, value in table.items())
            else:
                yield (name,), table


def _check_placeholders(place: Place, value: object, known: Mapping[str, object]) -> None:
    try:
        unknown = next((name for name in placeholders(value) if name not in known), None)
    except PlaceholderError:
        refuse(place, value, WRONG_PLACEHOLDER)
    if unknown is not None:
        refuse(
            place, value, UNKNOWN_PLACEHOLDER.fill({"placeholder": f"{{{unknown}}}", "known": ", ".join(sorted(known))})
        )


def _is_http_url(url: str) -> bool:
    try:
        place = urlsplit(url)
        whole = url.isprintable() and not FORBIDDEN_IN_URL & set(url)  # urlsplit leaves line breaks out
        allowed = place.scheme == "https" or (place.scheme == "http" and place.hostname in ON_THIS_MACHINE)
        return whole and allowed and bool(place.hostname) and "@" not in place.netloc and place.port != 0
    except ValueError:
        return False
