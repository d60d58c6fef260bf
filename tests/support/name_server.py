"""A DNS server on loopback, with the records that a test gives it."""

import socketserver
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from threading import Thread

import dns.flags
import dns.message
import dns.rcode
import dns.resolver
import dns.rrset

Records = Mapping[tuple[str, str], Sequence[str]]
"""The records by name and type, as in a zone file."""


@contextmanager
def name_server(records: Records) -> Iterator[dns.resolver.Resolver]:
    """Serve the records; return a resolver that asks this server."""

    class Handler(socketserver.BaseRequestHandler):
        def handle(self) -> None:
            data, line = self.request
            line.sendto(answer(data, records), self.client_address)

    with socketserver.UDPServer(("127.0.0.1", 0), Handler) as server:
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        try:
            resolver = dns.resolver.Resolver(configure=False)
            resolver.nameservers, resolver.port, resolver.lifetime = ["127.0.0.1"], server.server_address[1], 60
            yield resolver
        finally:
            server.shutdown()
            thread.join()


def answer(data: bytes, records: Records) -> bytes:
    """Return the answer to a query."""
    query = dns.message.from_wire(data)
    (asked,) = query.question
    name, kind = asked.name.to_text().lower().rstrip("."), dns.rdatatype.to_text(asked.rdtype)
    response = dns.message.make_response(query)
    response.flags |= dns.flags.RA
    if (name, kind) in records:
        response.answer.append(dns.rrset.from_text(asked.name, 60, "IN", kind, *records[name, kind]))
    elif not any(known == name for known, _ in records):
        response.set_rcode(dns.rcode.NXDOMAIN)
    return response.to_wire()
