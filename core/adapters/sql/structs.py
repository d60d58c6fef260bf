from collections.abc import Iterable, Sequence
from enum import EnumType
from functools import cache
from typing import Any, TypeVar, get_args

import msgspec

T = TypeVar("T", bound=msgspec.Struct)


def struct_of_row(kind: type[T], row: Sequence[Any]) -> T:
    """Convert a row to a struct. The row must begin with the struct's fields, in the same order."""
    columns = dict(zip(kind.__struct_fields__, row, strict=False))
    for name, enum in _enum_fields(kind):
        if columns[name] is not None:
            columns[name] = enum(columns[name])
    return kind(**columns)


def struct_or_none(kind: type[T], row: Sequence[Any] | None) -> T | None:
    return None if row is None else struct_of_row(kind, row)


def structs_of_rows(kind: type[T], rows: Iterable[Sequence[Any]]) -> list[T]:
    return [struct_of_row(kind, row) for row in rows]


@cache
def _enum_fields(kind: type[msgspec.Struct]) -> list[tuple[str, EnumType]]:
    fields = ((each.name, each.type) for each in msgspec.structs.fields(kind))
    return [(name, part) for name, whole in fields for part in (whole, *get_args(whole)) if isinstance(part, EnumType)]
