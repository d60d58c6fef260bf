"""Builds the HTTP requests that operators declare for SMS providers.

Inserted values cannot change a request's structure.
"""

import re
from base64 import b64encode
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from html import escape
from string import Formatter
from typing import Any
from urllib.parse import quote, urlencode

import msgspec

from core.adapters.http_client import HttpAnswer, HttpRequest

SECRET = "secret"
NAME = re.compile(r"[a-z][a-z0-9_]*")
FORM_TYPE, JSON_TYPE = "application/x-www-form-urlencoded", "application/json"
BASIC, BEARER, HEADER = "basic", "bearer", "header:"
"""Extra character to escape in XML attributes."""
EMPTY: tuple[object, ...] = (None, False, "", [], {})


class PlaceholderError(ValueError):
    """Raised when a placeholder is malformed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerCondition:
    """A condition on an HTTP answer. `when` is a JMESPath expression."""

    status: frozenset[int] = frozenset()
    when: str | None = None
    id: str | None = None
    """JMESPath expression for a message id that the answer must contain."""

    def holds(self, status: int, content: object) -> bool:
        return (
            (not self.status or status in self.status)
            and all(is_true(each, content) for each in (self.when, self.id) if each is not None)
        )  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class DeclaredRequest:
    """The operator's template for an HTTP request."""

    url: str
    method: str = "POST"
    auth: str | None = None
    username: str = ""
    token_url: str | None = None
    scope: str | None = None
    headers: Mapping[str, Any] = field(default_factory=dict)
    query: Mapping[str, Any] = field(default_factory=dict)
    form: Mapping[str, Any] | None = None
    json: Any = None
    valid_at_most: int | None = None
    answer: str = "json"
    accepted: AnswerCondition
    permanent: AnswerCondition | None = None

    def build(self, values: Mapping[str, Any], token: str | None = None) -> HttpRequest:
        """Return the HTTP request for one message. An OAuth2 `token` replaces the secret."""
        secret = str(values.get(SECRET, "")) if token is None else token
        headers, body = {"Accept": JSON_TYPE}, b""
        if self.json is not None:
            headers["Content-Type"], body = JSON_TYPE, msgspec.json.encode(fill(self.json, values))
        elif self.form is not None:
            headers["Content-Type"], body = FORM_TYPE, _urlencoded(fill(self.form, values)).encode()
        headers |= self._authorization(str(fill(self.username, values)), secret)
        headers |= {name: _written(value) for name, value in fill(self.headers, values).items()}
        query = _urlencoded(fill(self.query, values))
        url = fill_url(self.url, values)
        return HttpRequest(
            method=self.method, url=f"{url}{'&' if '?' in url else '?'}{query}" if query else url,
            headers=headers, body=body,
        )  # fmt: skip

    def token_request(self, values: Mapping[str, Any]) -> HttpRequest:
        """Return the request for an OAuth2 access token (RFC 6749, section 4.4)."""
        form = {"grant_type": "client_credentials"} | ({"scope": self.scope} if self.scope else {})
        credentials = {"client_id": fill(self.username, values), "client_secret": values[SECRET]}
        headers = {"Accept": JSON_TYPE, "Content-Type": FORM_TYPE}
        url = fill_url(self.token_url or "", values)
        return HttpRequest(method="POST", url=url, headers=headers, body=urlencode(form | credentials).encode())

    def content_of(self, answer: HttpAnswer) -> object:
        """Parse an HTTP answer. Returns None if the answer is malformed."""
        return answer.text if self.answer == "text" else read_json(answer.body)

    def _authorization(self, username: str, secret: str) -> dict[str, str]:
        if self.token_url is not None or self.auth == BEARER:
            return {"Authorization": f"Bearer {secret}"}
        if self.auth == BASIC:
            return {"Authorization": f"Basic {b64encode(f'{username}:{secret}'.encode()).decode()}"}
        return {} if self.auth is None else {self.auth.removeprefix(HEADER): secret}


def placeholders(written: object) -> Iterator[str]:
    """Yield the names of all placeholders in a value. Raises PlaceholderError."""
    match written:
        case Mapping():
            for value in written.values():
                yield from placeholders(value)
        case list() | tuple():
            for value in written:
                yield from placeholders(value)
        case str():
            yield from (name for _, name in _parts(written) if name is not None)
        case _:
            return


def fill(written: Any, values: Mapping[str, Any]) -> Any:  # noqa: ANN401  # a JSON value
    """Replace the placeholders with their values. In XML, the values are escaped."""
    match written:
        case Mapping():
            return {name: fill(value, values) for name, value in written.items()}
        case list() | tuple():
            return [fill(value, values) for value in written]
        case str():
            parts = list(_parts(written))
            if len(parts) == 1 and parts[0][0] == "" and parts[0][1] is not None:
                return values[parts[0][1]]
            written_as = _escaped if written.startswith("<") else _written
            return "".join(text + ("" if name is None else written_as(values[name])) for text, name in parts)
        case _:
            return written


def fill_url(written: str, values: Mapping[str, Any]) -> str:
    """Return the URL with its placeholders filled in and percent-encoded."""
    return "".join(
        text + ("" if name is None else quote(_written(values[name]), safe="")) for text, name in _parts(written)
    )


def read_json(body: bytes) -> object:
    """Parse a JSON object or list. Returns None for anything else."""
    try:
        content: object = msgspec.json.decode(body)
    except (ValueError, RecursionError):  # neither JSON nor UTF-8, or nested too deeply
        return None
    return content if isinstance(content, dict | list) else None


def check_expression(expression: str) -> None:
    """Raise ValueError unless this is a valid JMESPath expression."""
    import jmespath  # noqa: PLC0415  # only elections with a declared gateway need it
    from jmespath.functions import Functions  # noqa: PLC0415

    try:
        waiting: list[Any] = [jmespath.compile(expression).parsed]
    except RecursionError:
        raise ValueError("nested too deeply") from None
    while waiting:
        node = waiting.pop()
        if node["type"] == "function_expression":
            signature = Functions.FUNCTION_TABLE.get(node["value"], {}).get("signature")
            if signature is None:
                raise ValueError(f"Unknown function: {node['value']}()")
            missing = len(signature) - len(node["children"])
            if missing > 0 or (missing < 0 and not signature[-1].get("variadic")):
                raise ValueError(f"{node['value']}() needs {len(signature)} arguments")
        waiting += [each for each in node["children"] if isinstance(each, dict)]


def found(expression: str, content: object) -> object:
    """Evaluate a JMESPath expression. Returns None if it finds nothing."""
    import jmespath  # noqa: PLC0415

    try:
        return jmespath.search(expression, content)
    except (ValueError, TypeError, RecursionError):  # the content has other types than the expression expects
        return None


def is_true(expression: str, content: object) -> bool:
    """Return whether a JMESPath expression is true for this content."""
    value = None if content is None else found(expression, content)
    return not any(value is empty or (value == empty and type(value) is type(empty)) for empty in EMPTY)


def _parts(written: str) -> Iterator[tuple[str, str | None]]:
    """Yield (text, name) pairs. `name` is the placeholder that follows the text, or None."""
    try:
        parts = list(Formatter().parse(written))
    except ValueError as error:
        raise PlaceholderError(f"{written}: {error}") from None
    for text, name, form, conversion in parts:
        if name is not None and (not NAME.fullmatch(name) or form or conversion):
            raise PlaceholderError(written)
        yield text, name


def _urlencoded(fields: Mapping[str, Any]) -> str:
    pairs = [(name, each) for name, value in fields.items() for each in (value if isinstance(value, list) else [value])]
    return urlencode([(name, _written(value)) for name, value in pairs])


def _escaped(value: object) -> str:
    return escape(_written(value))


def _written(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
