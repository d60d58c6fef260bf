"""The command `retrouve`. Each subcommand is loaded when it is called, so that `--help` answers at once."""

from importlib import import_module

import click

COMMANDS = {
    "init": "cli.init:init",
    "demo": "cli.demo:demo",
    "serve": "cli.serve:serve",
    "courier": "cli.courier:courier",
    "bounces": "cli.bounces:bounces",
    "roll": "cli.roll:roll",
    "doctor": "cli.doctor:doctor",
    "keys": "cli.keys:keys",
    "backup": "cli.backup:backup",
    "restore": "cli.restore:restore",
    "move": "cli.move:move",
    "mailbox": "cli.mailbox:mailbox",
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
        command: click.Command = getattr(import_module(module), name)
        return command


@click.command(cls=Commands)
@click.version_option(package_name="retrouve")
def main() -> None:
    """Retrouve gives voters back their password and their voting identifier."""
