"""The [[sms.gateways]] sections of election.toml.

Each describes a Kannel gateway, or an HTTP request that the operator declares.
"""

import re
import tomllib
from collections.abc import Iterator, Mapping
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Annotated, Any, Literal, Self
from urllib.parse import urlsplit

from annotated_types import Interval
from pydantic import AfterValidator, BeforeValidator, Field, SecretStr, StringConstraints, model_validator

from core.adapters.declared_requests import (
    SECRET,
    AnswerCondition,
    DeclaredRequest,
    PlaceholderError,
    check_expression,
    fill_url,
    placeholders,
)
from core.adapters.declared_sms_transport import CALL_PLACEHOLDERS, MESSAGE_PLACEHOLDERS, REPORT_URL, DeclaredGateway
from core.adapters.sms_reports import ReportReading
from core.app.settings.election_toml_template import Place
from core.app.settings.refusals import refusal, refuse
from core.app.settings.section_base import RelayOrGatewaySection, SettingsSection
from core.app.settings.values import ON_THIS_MACHINE, GatewayUrl, ShortText, Site, SmsSender, WholeNumber
from core.delivery.lease import SECONDS_TO_SEND
from core.ports import MessageKind
from core.text.text import N_

PRESETS = ("twilio", "vonage", "brevo")
PRESET_FOLDER = "sms_presets"
GatewayTimeout = Annotated[WholeNumber, Interval(ge=1, le=int(SECONDS_TO_SEND))]
ACCOUNT = ("auth", "username", "token_url", "scope")
HEADER_NAME = re.compile(r"[A-Za-z0-9-]+")
FORBIDDEN_IN_URL = frozenset(" #\\")
"""Characters that an HTTP address must not contain."""

NO_PASSWORD_FOR_THE_GATEWAY = N_("Cette passerelle SMS n'a pas de mot de passe : il lui faut password_file.")
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
NO_REPORT_URL = N_("La requête ne donne {placeholder} nulle part : aucun compte rendu n'arriverait.")
NO_CONDITION = N_("Une réponse se reconnaît au moins à son status, ou à une expression when ou id.")
SAME_NAME = N_("Deux passerelles SMS ne peuvent pas avoir le même nom.")
TAKEN_NAME = N_("Ce nom de valeur est déjà pris.")


class KannelSection(RelayOrGatewaySection):
    """An [[sms.gateways]] section for Kannel. `url` is the URL of Kannel's "sendsms" service."""

    kind: Literal["kannel"] = "kannel"
    url: GatewayUrl
    username: ShortText
    timeout_seconds: GatewayTimeout = 10
    sender: SmsSender

    @model_validator(mode="after")
    def _require_password(self) -> Self:
        if not self.has_password:
            raise refusal(NO_PASSWORD_FOR_THE_GATEWAY)
        return self

    @property
    def name(self) -> str:
        return urlsplit(self.url).netloc


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
    """A condition on an HTTP answer: its status is one of `status`, and the JMESPath expression `when` is true."""

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
    """An HTTP request that the operator declares, and the meaning of the answers to this request."""

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
        """Check the placeholders, headers and addresses in this section. `place` is the path of the section."""
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
        """Return the settings for the transport. `account` is the section with the authentication to use."""
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


class ReportSection(SettingsSection):
    """How to read a provider's delivery reports. All settings except the signature are JMESPath expressions."""

    id: Expression | None = None
    delivered: Expression
    failed: Expression
    signature: Literal["twilio", "vonage"] | None = None
    secret_file: Path | None = None
    secret: SecretStr | None = None


class CallReportSection(SettingsSection):
    """How to read a provider's reports about calls. They are signed like the reports about SMS."""

    id: Expression | None = None
    delivered: Expression
    failed: Expression
    busy: Expression | None = None
    no_answer: Expression | None = None


class CallSection(RequestSection):
    """The request for a call that reads a security code aloud.

    Without `auth` of its own, it uses the account of the gateway's `request`.
    """

    token_url: None = None
    scope: None = None
    caller: Annotated[str, StringConstraints(pattern=r"^\+?[0-9]{3,15}$")]
    report: CallReportSection | None = None


class DeclaredGatewaySection(SettingsSection):
    """An [[sms.gateways]] section with a `preset` or a `request`. Its settings override those of the preset.

    The provider sends delivery reports to the address `callbacks`.
    """

    name: Annotated[str, StringConstraints(pattern=r"^[a-z0-9-]{1,30}$")]
    preset: Literal[PRESETS] | None = None  # type: ignore[valid-type]  # mypy wants literals in place
    sender: SmsSender
    secret_file: Path | None = None
    secret: SecretStr | None = None
    timeout_seconds: GatewayTimeout = 10
    callbacks: Site | None = None
    values: dict[str, Scalar] = Field(default_factory=dict)
    report: ReportSection | None = None
    request: RequestSection
    call: CallSection | None = None

    @model_validator(mode="before")
    @classmethod
    def _fill_from_preset(cls, written: object) -> object:
        if not isinstance(written, dict) or written.get("preset") not in PRESETS:
            return written
        known = preset(written["preset"])
        if "call" not in written:  # calls cost more, so only the operator's own section allows them
            known = {name: value for name, value in known.items() if name != "call"}
        return _merged(known, {"name": written["preset"], **written})

    @model_validator(mode="after")
    def _check_request(self) -> Self:
        reserved = MESSAGE_PLACEHOLDERS | CALL_PLACEHOLDERS | {REPORT_URL}
        for name in self.values:
            if name in reserved:
                refuse(("values", name), self.values[name], TAKEN_NAME)
        self._check_part("request", self.request, MESSAGE_PLACEHOLDERS, self.report)
        if self.call is not None:
            self._check_part("call", self.call, CALL_PLACEHOLDERS, self.call.report)
        return self

    def _check_part(
        self, name: str, part: RequestSection, names: frozenset[str], report: SettingsSection | None
    ) -> None:
        if report is not None:
            names |= {REPORT_URL}
        part.check((name,), {**dict.fromkeys(names, "0"), **self.values}, has_secret=self.has_secret)
        if report is not None and not part.fills(REPORT_URL):
            refuse((name,), {}, NO_REPORT_URL.fill({"placeholder": f"{{{REPORT_URL}}}"}))

    @property
    def has_secret(self) -> bool:
        return self.secret is not None or self.secret_file is not None

    @property
    def report_with_secret(self) -> ReportSection | None:
        """The report section with the secret that proves that a report is genuine.

        For Twilio, this is the gateway's secret by default.
        """
        report = self.report
        if report is None or report.signature != "twilio" or report.secret or report.secret_file:
            return report
        return report.model_copy(update={"secret": self.secret, "secret_file": self.secret_file})

    def report_reading(self, kind: str) -> ReportReading | None:
        """Return how to read delivery reports about this kind of message, or None if there are no such reports."""
        report = self.report if kind != MessageKind.CALL or self.call is None else self.call.report
        if report is None:
            return None
        signed = self.report
        secret = b"" if signed is None or signed.secret is None else signed.secret.get_secret_value().encode()
        options = report.model_dump(include={"id", "delivered", "failed", "busy", "no_answer"})
        return ReportReading(**options, signature=None if signed is None else signed.signature, secret=secret)

    def declared(self) -> DeclaredGateway:
        """Return the settings for the transport, including the secret in clear text."""
        return DeclaredGateway(
            name=self.name,
            sender=self.sender,
            request=self.request.declared(self.request),
            call=None if self.call is None else self.call.declared(self.call if self.call.auth else self.request),
            caller="" if self.call is None else self.call.caller,
            secret="" if self.secret is None else self.secret.get_secret_value(),
            values=self.values,
            timeout_seconds=self.timeout_seconds,
        )


GatewaySection = KannelSection | DeclaredGatewaySection


def _kind_of_gateway(written: object) -> object:
    """Choose the class for a gateway section, so that an error lists only the faults of that class."""
    if not isinstance(written, dict):
        return written
    declared = "preset" in written or "request" in written
    return (DeclaredGatewaySection if declared else KannelSection).model_validate(written)


AnyGatewaySection = Annotated[GatewaySection, BeforeValidator(_kind_of_gateway)]


def require_different_names(gateways: tuple[GatewaySection, ...]) -> tuple[GatewaySection, ...]:
    names: set[str] = set()
    for index, gateway in enumerate(gateways):
        if isinstance(gateway, DeclaredGatewaySection) and gateway.name in names:
            refuse((index, "name"), gateway.name, SAME_NAME)
        names.add(gateway.name)
    return gateways


@cache
def preset(name: str) -> dict[str, Any]:
    """Return the [[sms.gateways]] settings of a preset."""
    return tomllib.loads((files("core.app.settings") / PRESET_FOLDER / f"{name}.toml").read_text("utf-8"))


def _merged(below: Mapping[str, Any], above: Mapping[str, Any]) -> dict[str, Any]:
    both = {
        name: _merged(value, above[name])
        for name, value in below.items()
        if isinstance(value, dict) and isinstance(above.get(name), dict)
    }
    return {**below, **above, **both}


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
