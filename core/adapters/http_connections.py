"""Opens HTTP connections to the address of a setting."""

import http.client
import ssl
from urllib.parse import SplitResult


def http_connection(place: SplitResult, seconds: float) -> http.client.HTTPConnection:
    """Return a connection that is not open yet; each answer may take `seconds`. Certificates and host names are checked."""
    if place.scheme == "https":
        tls = ssl.create_default_context()
        return http.client.HTTPSConnection(place.hostname or "", place.port, timeout=seconds, context=tls)
    return http.client.HTTPConnection(place.hostname or "", place.port, timeout=seconds)
