"""Which pictures the help holds, and what is known of each. The list comes from the flows; a manifest keeps the rest."""

from collections.abc import Iterable, Iterator, Mapping
from enum import StrEnum
from itertools import product
from pathlib import Path

import msgspec

from core.steps import Flow, Step, Tell
from core.text import Language

MANIFEST = "manifest.json"
PLAIN = ""
"""The state of a step before anything went wrong."""
MESSAGE = "message"
"""The state of a step that ends a flow, in which its notice is shown."""


class Theme(StrEnum):
    """The colours a reader prefers."""

    LIGHT = "light"
    DARK = "dark"


class Width(StrEnum):
    """What a reader holds."""

    PHONE = "phone"
    DESKTOP = "desktop"


class Shot(msgspec.Struct, frozen=True, kw_only=True, order=True):
    """One picture to take. `step` is a code; `state` is PLAIN, MESSAGE, or the id of the Rejected or Refusal shown."""

    flow: str
    step: str
    state: str
    language: Language
    theme: Theme
    width: Width

    @property
    def name(self) -> str:
        """The file's name: "mp-6.new-password-too-short.fr.dark.phone.webp"."""
        parts = (self.step.lower(), self.state, self.language, self.theme, self.width, "webp")
        return ".".join(part for part in parts if part)


class Mark(msgspec.Struct, frozen=True):
    """A number in a picture's gutter, the same as in the text, and the words of what it points to."""

    number: int
    label: str


class Picture(msgspec.Struct, frozen=True, kw_only=True):
    """A picture that was taken. `path` is relative to the manifest's folder; sizes are CSS pixels.

    `marks` are those of the step whose target was on the screen: an act that is not open yet has none.
    """

    shot: Shot
    path: str
    alt: str
    width: int
    height: int
    marks: tuple[Mark, ...]


def shots_of(flows: Iterable[Flow]) -> tuple[Shot, ...]:
    """Every picture the help of these flows needs, in the order of the flows."""
    return tuple(
        Shot(flow=flow.slug, step=step.code, state=state, language=language, theme=theme, width=width)
        for flow in flows
        for step in flow.steps
        for state, language, theme, width in product(states_of(step), Language, Theme, Width)
    )


def states_of(step: Step) -> tuple[str, ...]:
    """What is shown of a step: itself, each slip of its fields, each refusal met there, the notice that ends it."""
    return tuple(dict.fromkeys(_states(step)))


def _states(step: Step) -> Iterator[str]:
    yield PLAIN
    for act in step.acts:
        for each in act.fields:
            yield from (slip.told.id for slip in each.slips)
    yield from step.copy.refusals
    if isinstance(step, Tell) and step.message is not None:
        yield MESSAGE


def read_manifest(folder: Path) -> Mapping[Shot, Picture]:
    """The pictures that stand in a folder. Raises FileNotFoundError, msgspec.ValidationError."""
    pictures = msgspec.json.decode((folder / MANIFEST).read_bytes(), type=tuple[Picture, ...])
    return {picture.shot: picture for picture in pictures}


def write_manifest(folder: Path, pictures: Iterable[Picture]) -> None:
    """Says what stands in a folder, in an order that does not depend on who took it when."""
    ordered = sorted(pictures, key=lambda picture: picture.shot)
    (folder / MANIFEST).write_bytes(msgspec.json.format(msgspec.json.encode(ordered), indent=1))
