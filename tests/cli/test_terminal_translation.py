"""The help of every command is completely in one language."""

import json
import os
import re
import subprocess
import sys
from functools import cache

import click

from cli import main

EVERY_HELP = """
import json, click
from cli import main

def walk(command, name):
    with click.Context(command, info_name=name) as context:
        text = command.get_help(context)
        yield name, {"text": text, "help": command.help, **{
            "/".join(each.opts): each.help for each in command.get_params(context) if isinstance(each, click.Option) and not each.hidden
        }}
        for below in command.list_commands(context) if isinstance(command, click.Group) else ():
            found = command.get_command(context, below)
            if not found.hidden:
                yield from walk(found, f"{name} {below}")

def refusal(arguments):
    try:
        main(arguments, standalone_mode=False)
    except click.UsageError as refused:
        return refused.format_message()

found = dict(walk(main, "retrouve"))
print(json.dumps({**found, "wrong": {words: refusal(words.split()) for words in ("nothing", "backup")}}))
print(found["retrouve"]["text"])
"""
COMMANDS = 30
ENGLISH = r"Show this|Usage:|\b(?:FILE|FOLDER|NAME|ADDRESS|GROUP|TEXT|INTEGER|COMMAND|ARGS|DIRECTORY|PATH|FILENAME)\b"
"""English words that must not appear in French help texts."""


@cache
def told(language: str) -> tuple[str, str]:
    """Return the sentences of all commands as JSON, and the main help, in a terminal that cannot show accents."""
    environment = {**os.environ, "RETROUVE_LANGUAGE": language, "COLUMNS": "80", "PYTHONIOENCODING": "ascii"}
    command = [sys.executable, "-c", EVERY_HELP]
    said, _, shown = subprocess.run(
        command, env=environment, capture_output=True, text=True, check=True
    ).stdout.partition("\n")
    return said, shown


def helps(language: str) -> dict[str, dict[str, str | None]]:
    """Return the help text and its sentences, for every command."""
    found: dict[str, dict[str, str | None]] = json.loads(told(language)[0])
    return found


def test_every_sentence_of_the_help_changes_with_the_language() -> None:
    """Every sentence of the commands' help is translated."""
    french, english = helps("fr"), helps("en")

    assert set(french) == set(english)
    assert len(french) >= COMMANDS
    for name, sentences in french.items():
        for part, sentence in sentences.items():
            assert sentence, (name, part)
            assert sentence != english[name][part], (name, part)
    for name in set(french) - {"wrong"}:
        sentences = french[name]
        assert not re.findall(ENGLISH, str(sentences["text"]))
        assert str(english[name]["text"]).startswith("Usage:")


def test_click_speaks_french_too() -> None:
    """Error messages of the library click are in French too."""
    assert helps("fr")["wrong"] == {
        "nothing": "La commande 'nothing' n'existe pas.",
        "backup": "Il manque l'argument 'FICHIER'.",
    }
    environment = {**os.environ, "RETROUVE_LANGUAGE": "fr"}
    command = [sys.executable, "-m", "cli", "nothing"]
    ended = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert (ended.returncode, ended.stdout) == (click.UsageError.exit_code, "")
    assert "La commande 'nothing' n'existe pas." in ended.stderr


def test_a_terminal_without_our_letters_shows_the_others() -> None:
    """A terminal that cannot show accents gets the text without them."""
    assert "lecteurs leur mot de passe" in told("fr")[1]
    assert told("fr")[1].isascii()


def test_the_commands_are_those_of_the_program() -> None:
    """The help of every command of the program is tested."""
    with click.Context(main) as context:
        known = {name for name in main.list_commands(context) if not main.get_command(context, name).hidden}  # type: ignore[union-attr]

    assert known <= {name.split()[1] for name in helps("fr") if " " in name}
