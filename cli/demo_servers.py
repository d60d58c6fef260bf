"""`retrouve mailbox` and `retrouve telephone`: the demo's mail server and mobile network, started by `retrouve demo` only."""

from datetime import timedelta
from pathlib import Path
from threading import Event, Thread

import click

from cli.stop_signal_handlers import set_on_stop_signal
from core.adapters.database_synced_clock import DatabaseSyncedClock
from demo.mailbox_server_and_reader import run_mailbox
from demo.telephone.callback_loop import CallbackLoop
from demo.telephone.http_gateway import DemoGatewayAccount, HttpCallbackSender, gateway_server
from demo.telephone.sms_store import DemoSmsStore


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


@click.command(hidden=True)
@click.option("--file", "path", type=click.Path(dir_okay=False, path_type=Path), required=True)
@click.option("--host", default="127.0.0.1", show_default=True)
@click.option("--port", type=click.IntRange(1, 65535), required=True)
@click.option("--username", required=True, help="Who may send.")
@click.option("--secret-file", type=click.Path(dir_okay=False, exists=True, path_type=Path), required=True)
@click.option("--ahead", type=int, default=0, envvar="RETROUVE_CLOCK_OFFSET_SECONDS", help="Of the machine's clock.")
@click.option("--inbound", required=True, help="Where answers are delivered.")
def telephone(*, path: Path, host: str, port: int, username: str, secret_file: Path, ahead: int, inbound: str) -> None:
    """Keep every SMS that comes to HOST and PORT in FILE, until SIGTERM."""
    secret = secret_file.read_text("utf-8").strip()
    telephones = DemoSmsStore(path, DatabaseSyncedClock(timedelta(seconds=ahead)))
    account = DemoGatewayAccount(username=username, password=secret, inbound=inbound, secret=secret)
    try:
        server = gateway_server(telephones, account, host, port)
    except OSError as taken:
        raise click.ClickException("cannot listen there: " + str(taken)) from taken
    stopping = Event()
    set_on_stop_signal(stopping)
    reporting = Thread(target=CallbackLoop(telephones, HttpCallbackSender(account)).run, args=(stopping,))
    serving = Thread(target=server.serve_forever, daemon=True)
    for thread in (reporting, serving):
        thread.start()
    click.echo("listening")
    stopping.wait()
    server.shutdown()
    server.server_close()
    reporting.join()
