"""Prints sentences from `core` in the language of the command line."""

import os
import sys
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path
from typing import IO, Any, TypeVar

import click

from cli.terminal_language import terminal_language, translate_click
from core.text.faces.shared_cli_sentences import FOLDER_HELP
from core.text.text import Text
from core.text.translation import translate

translate_click()  # must come first, because options are translated when they are created
Function = TypeVar("Function", bound=Callable[..., Any])


class CommandRefused(click.ClickException):
    def __init__(self, *sentences: Text, **facts: object) -> None:
        self.sentences = tuple(sentence.fill(facts) for sentence in sentences)
        super().__init__("\n".join(map(translate_for_terminal, self.sentences)))

    def show(self, file: IO[Any] | None = None) -> None:
        """Print why the command was refused. Omits the prefix "Error:", which click prints by default."""
        click.echo(self.message, file, err=True)


def translate_for_terminal(text: Text) -> str:
    return translate(text, terminal_language(os.environ), short_times=True)


def say(*sentences: Text, **facts: object) -> None:
    for sentence in sentences:
        click.echo(translate_for_terminal(sentence.fill(facts)))


def say_error(*sentences: Text, **facts: object) -> None:
    CommandRefused(*sentences, **facts).show()


def option(*names: str, help: Text, **settings: Any) -> Callable[[Function], Function]:  # noqa: A002, ANN401  # click's signature
    return click.option(*names, help=translate_for_terminal(help), **settings)


IN_FOLDER = option(
    "--dir",
    "directory",
    type=click.Path(file_okay=False, path_type=Path),
    envvar="RETROUVE_DIR",
    default=Path(),
    help=FOLDER_HELP,
)


def progress_bar(label: Text, length: int) -> AbstractContextManager["click._termui_impl.ProgressBar[int]"]:
    return click.progressbar(length=length, label=translate_for_terminal(label), file=sys.stderr)
