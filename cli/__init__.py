"""The command `retrouve`. Each subcommand is loaded when it is called, so that `--help` answers at once."""

import gc
import os
import sys
from importlib import import_module
from types import ModuleType
from typing import Any

import click

COMMANDS = {
    "init": "cli.init:init",
    "demo": "cli.demo:demo",
    "serve": "cli.serve:serve",
    "courier": "cli.courier:courier",
    "desk": "cli.desk:desk",
    "bounces": "cli.bounces:bounces",
    "roll": "cli.roll:roll",
    "agent": "cli.agent:agent",
    "guides": "cli.guides:guides",
    "doctor": "cli.doctor:doctor",
    "platform": "cli.platform:platform",
    "keys": "cli.keys:keys",
    "journal": "cli.journal:journal",
    "purge": "cli.purge:purge",
    "backup": "cli.backup:backup",
    "restore": "cli.restore:restore",
    "move": "cli.move:move",
    "mailbox": "cli.mailbox:mailbox",
    "telephone": "cli.telephone:telephone",
}


class Commands(click.Group):
    """Loads a subcommand by its name."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002  # click's signature
        """In the order one needs them."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002  # click's signature
        """The one of that name."""
        if cmd_name not in COMMANDS:
            return None
        module, _, name = COMMANDS[cmd_name].partition(":")
        command: click.Command = getattr(_loaded(module), name)
        return command

    def invoke(self, ctx: click.Context) -> Any:  # noqa: ANN401  # click's signature
        """Runs it. A database that cannot be used is told in a sentence, whatever the command was doing with it."""
        try:
            return super().invoke(ctx)
        except Exception as failure:
            from core.ports import Unready  # noqa: PLC0415  # only where something went wrong

            if not isinstance(failure, Unready):
                raise
            _tell_unready(failure)
            sys.exit(os.EX_TEMPFAIL)


def _loaded(module: str) -> ModuleType:
    """What is loaded stays: a garbage collector that looks through it, meanwhile or later, is a third of a start."""
    if module in sys.modules:
        return sys.modules[module]
    gc.disable()
    try:
        loaded = import_module(module)
        gc.freeze()
    finally:
        gc.enable()
    return loaded


def _tell_unready(unready: Exception) -> None:
    from cli.words import tell  # noqa: PLC0415  # likewise
    from core.words.command import STORE_UNREADY  # noqa: PLC0415

    click.echo(tell(STORE_UNREADY.fill({"detail": str(unready)})), err=True)


@click.command(cls=Commands)
@click.version_option(package_name="retrouve")
def main() -> None:
    """Retrouve gives voters back their password and their voting identifier."""
