import http.client
import ssl
from urllib.parse import SplitResult


def http_connection(place: SplitResult, seconds: float) -> http.client.HTTPConnection:
    if place.scheme == "https":
        tls = ssl.create_default_context()
        return http.client.HTTPSConnection(place.hostname or "", place.port, timeout=seconds, context=tls)
    return http.client.HTTPConnection(place.hostname or "", place.port, timeout=seconds)
