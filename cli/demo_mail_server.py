"""`retrouve mailbox`: the demo's mail server, started by `retrouve demo` only."""

from pathlib import Path

import click

from demo.mailbox_server_and_reader import run_mailbox


@click.command(hidden=True)
@click.option("--file", "path", type=click.Path(dir_okay=False, path_type=Path), required=True)
@click.option("--host", default="127.0.0.1", show_default=True)
@click.option("--port", type=click.IntRange(1, 65535), required=True)
def mailbox(path: Path, host: str, port: int) -> None:
    """Keep every mail that comes to HOST and PORT in FILE, until SIGTERM."""
    try:
        run_mailbox(path, host, port, lambda: click.echo("listening"))
    except OSError as taken:
        raise click.ClickException("cannot listen there: " + str(taken)) from taken
