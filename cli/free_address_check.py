import socket

from cli.terminal_translation import CommandRefused
from core.text.text import Text


def require_free_address(host: str, port: int, taken: Text) -> None:
    """Raise CommandRefused if another program uses the network address. `taken` is the sentence to print."""
    try:
        family, kind, protocol, _, place = socket.getaddrinfo(host.strip("[]"), port, type=socket.SOCK_STREAM)[0]
        with socket.socket(family, kind, protocol) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(place)
    except OSError as error:
        detail = error.strerror or type(error).__name__
        raise CommandRefused(taken, host=host, port=str(port), place=f"{host}:{port}", detail=detail) from error
