"""Checks JSON against deploy/platform.openapi.yaml.

It supports only the keywords that this file uses, and fails on any other keyword.
"""

import base64
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

KNOWN = frozenset(
    [
        "$ref",
        "type",
        "pattern",
        "required",
        "properties",
        "additionalProperties",
        "description",
        "format",
        "items",
        "minimum",
        "maxLength",
        "examples",
    ]
)
TYPES: Mapping[str, type | tuple[type, ...]] = {
    "object": dict,
    "array": list,
    "string": str,
    "integer": int,
    "boolean": bool,
    "null": type(None),
}


@dataclass(frozen=True)
class Description:
    whole: dict[str, Any]

    @classmethod
    def read(cls, path: Path) -> "Description":
        return cls(yaml.safe_load(path.read_text("utf-8")))

    def answers(self) -> Iterator[tuple[str, str, str]]:
        """Yield the path, method and status of every response in the description."""
        for path, methods in self.whole["paths"].items():
            for method, operation in methods.items():
                yield from ((path, method, status) for status in operation["responses"])

    def found(self, part: dict[str, Any]) -> dict[str, Any]:
        """Return a part of the description after resolving its references."""
        while "$ref" in part:
            at: Any = self.whole
            for name in part["$ref"].removeprefix("#/").split("/"):
                at = at[name]
            part = at
        return part

    def body_of(self, described: dict[str, Any]) -> dict[str, Any] | None:
        """Return the schema of the body of a request or response, or None if it has no body."""
        content = self.found(described).get("content")
        return None if content is None else content["application/json"]["schema"]

    def faults(self, schema: dict[str, Any], value: Any, at: str = "$") -> Iterator[str]:  # noqa: ANN401  # any JSON
        """Yield each way in which a value differs from its schema."""
        schema = self.found(schema)
        assert set(schema) <= KNOWN, schema
        kinds = schema["type"] if isinstance(schema["type"], list) else [schema["type"]]
        if not any(_is(kind, value) for kind in kinds):
            yield f"{at} is no {kinds}"
            return
        if isinstance(value, str):
            yield from _text(schema, value, at)
        if isinstance(value, int) and value < schema.get("minimum", value):
            yield f"{at} is too small"
        if isinstance(value, list):
            for number, each in enumerate(value):
                yield from self.faults(schema["items"], each, f"{at}[{number}]")
        if isinstance(value, dict):
            yield from self._object(schema, value, at)

    def _object(self, schema: dict[str, Any], value: dict[str, Any], at: str) -> Iterator[str]:
        properties = schema.get("properties", {})
        yield from (f"{at}.{name} is missing" for name in set(schema.get("required", ())) - set(value))
        if not schema.get("additionalProperties", True):
            yield from (f"{at}.{name} is not described" for name in set(value) - set(properties))
        for name in set(value) & set(properties):
            yield from self.faults(properties[name], value[name], f"{at}.{name}")


def _is(kind: str, value: object) -> bool:
    return isinstance(value, TYPES[kind]) and (kind == "boolean" or not isinstance(value, bool))


def _text(schema: dict[str, Any], value: str, at: str) -> Iterator[str]:
    if re.search(schema.get("pattern", ""), value) is None or len(value) > schema.get("maxLength", len(value)):
        yield f"{at} is no such text"
    if schema.get("format") == "byte" and base64.b64encode(base64.b64decode(value)).decode() != value:
        yield f"{at} is no base64"
