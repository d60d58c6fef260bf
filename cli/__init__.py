"""The command `retrouve`. Subcommands are imported only when needed, so that `--help` is fast."""

import errno
import os
import signal
import sys

if (
    os.path.basename(sys.argv[0]) in {"retrouve", "-m"}  # noqa: PTH119  # pathlib is not imported yet
    and signal.getsignal(signal.SIGINT) is signal.default_int_handler
):
    signal.signal(signal.SIGINT, signal.SIG_DFL)  # otherwise Ctrl+C during an import prints a traceback or is lost

import gc
import io
from importlib import import_module
from types import ModuleType
from typing import Any

import click

from cli.program_version import program_version as version_and_commit
from cli.terminal_translation import option, say_error, translate_for_terminal
from core.ports import CommitOutcomeUnknown, StoreUnavailable
from core.text.faces import shared_cli_sentences as words

if isinstance(sys.stdout, io.TextIOWrapper):
    # An old terminal that cannot show the QR code must still show the first password.
    sys.stdout.reconfigure(errors="replace")

COMMANDS = {
    "init": "cli.init:init",
    "demo": "cli.demo:demo",
    "serve": "cli.serve:serve",
    "courier": "cli.courier:courier",
    "desk": "cli.desk:desk",
    "deskd": "cli.deskd:deskd",
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
    "move": "cli.move_database:move",
}

ERRNOS_OF_FILES = {
    errno.EACCES,
    errno.EPERM,
    errno.ENOENT,
    errno.ENOTDIR,
    errno.EISDIR,
    errno.ENOSPC,
    errno.EDQUOT,
    errno.EROFS,
    errno.ENAMETOOLONG,
}


class LazyCommandGroup(click.Group):
    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002  # click's signature
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002  # click's signature
        if cmd_name not in COMMANDS:
            return None
        module, _, name = COMMANDS[cmd_name].partition(":")
        command: click.Command = getattr(_loaded(module), name)
        if signal.getsignal(signal.SIGINT) is signal.SIG_DFL:
            signal.signal(signal.SIGINT, signal.default_int_handler)
        return command

    def invoke(self, ctx: click.Context) -> Any:  # noqa: ANN401  # click's signature
        """Run the subcommand. If the database or a file cannot be used, print the reason and exit."""
        try:
            return super().invoke(ctx)
        except OSError as failure:
            if failure.errno not in ERRNOS_OF_FILES:  # a network error, or EPIPE because the reader closed the pipe
                raise
            where = "" if failure.filename is None else f": {failure.filename}"
            say_error(words.REFUSED_BY_SYSTEM, detail=f"{failure.strerror or type(failure).__name__}{where}")
            sys.exit(1)
        except StoreUnavailable as failure:
            unknown = isinstance(failure, CommitOutcomeUnknown)
            say_error(words.OUTCOME_UNKNOWN if unknown else words.STORE_UNREADY, detail=str(failure))
            sys.exit(os.EX_TEMPFAIL)


def _loaded(module: str) -> ModuleType:
    """Import a module. Garbage collection is disabled during the import to save time."""
    if module in sys.modules:
        return sys.modules[module]
    gc.disable()
    try:
        loaded = import_module(module)
        gc.freeze()
    finally:
        gc.enable()
    return loaded


def _print_version(context: click.Context, _option: click.Parameter, wanted: bool) -> None:  # noqa: FBT001  # click's signature
    if wanted and not context.resilient_parsing:
        click.echo(f"retrouve {version_and_commit()}")
        context.exit()


@click.command(cls=LazyCommandGroup, help=translate_for_terminal(words.HELP))
@option("--version", is_flag=True, expose_value=False, is_eager=True, callback=_print_version, help=words.VERSION_HELP)
def main() -> None:
    pass
