"""The proxies in deploy/ send voters to hosts that can serve them, and a form to one host only."""

import json
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, closing
from dataclasses import dataclass, field
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest

from core.adapters.logs import REQUEST_ID
from core.text.urls import HELP_PATH, LINK_PATH, PROVIDER_REPORT_PATH, SMS_ANSWER_PATH
from tests.support.product import eventually, free_port
from tests.support.proxies import DEPLOY, SITE, Proxy, running_haproxy, running_nginx

ALWAYS_SERVED = ("/healthz", "/static/site.css", HELP_PATH)
TRIES = 30
MONITORED, PAGE = "/readyz", "/page"
Runner = Callable[..., AbstractContextManager[Proxy]]
PROXIES = pytest.mark.parametrize("running", [running_nginx, running_haproxy])


@dataclass
class Host:
    """Takes the place of a host that has its database, or lacks it."""

    has_database: bool = True
    checks_before_answer: int = 0
    """How many health checks arrive before the host answers a request for a page."""
    port: int = 0
    posts: int = 0
    paths: Counter[str] = field(default_factory=Counter)


def _handler(host: Host) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:  # the name is the standard library's
            host.paths[self.path] += 1
            if self.path == PAGE:
                enough = host.paths[MONITORED] + host.checks_before_answer
                eventually(lambda: host.paths[MONITORED] >= enough, "the health checks")
            body = json.dumps({name.lower(): self.headers.get_all(name) for name in self.headers}).encode()
            self.send_response(200 if host.has_database or self.path.startswith(ALWAYS_SERVED) else 503)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def do_POST(self) -> None:
            host.posts += 1
            self.do_GET()

        def log_message(self, *_: object) -> None:
            """Log nothing."""

    return Handler


@pytest.fixture
def hosts() -> Iterator[tuple[Host, Host]]:
    """Two hosts that run."""
    made = Host(), Host()
    with ExitStack() as stack:
        for host in made:
            server = stack.enter_context(ThreadingHTTPServer(("127.0.0.1", 0), _handler(host)))
            host.port = server.server_port
            Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
            stack.callback(server.shutdown)
        yield made


@PROXIES
def test_case_69_a_host_without_its_database_shows_no_page(
    hosts: tuple[Host, Host], tmp_path: Path, running: Runner
) -> None:
    """While a host lacks its database, every page comes from the other host, and its files go on to be served."""
    with running(tmp_path, *(host.port for host in hosts)) as proxy:
        assert {proxy.ask("/")[0].status for _ in range(4)} == {200}
        hosts[0].has_database = False

        assert [proxy.ask(LINK_PATH + "token")[0].status for _ in range(TRIES)] == [200] * TRIES

        hosts[1].has_database = False
        assert {proxy.ask("/")[0].status for _ in range(4)} == {503}
        assert [proxy.ask(path)[0].status for path in ALWAYS_SERVED[1:] * 4] == [200] * 8

        hosts[0].has_database = True
        eventually(lambda: proxy.ask("/")[0].status == 200, "a page of the host that is back")


def test_a_page_that_haproxy_asks_for_again_is_answered_although_the_last_host_has_left(
    hosts: tuple[Host, Host], tmp_path: Path
) -> None:
    """If no host is ready when HAProxy repeats a request, a host that runs answers it."""
    with running_haproxy(tmp_path, *(host.port for host in hosts)) as proxy:
        eventually(lambda: proxy.ask("/")[0].status == 200, "a page")
        for host in hosts:
            host.has_database, host.checks_before_answer = False, 4

        assert proxy.ask(PAGE)[0].status == 503

    assert sum(host.paths[PAGE] for host in hosts) == 2


@PROXIES
def test_no_form_is_sent_to_two_hosts(hosts: tuple[Host, Host], tmp_path: Path, running: Runner) -> None:
    """A form that a host answered with 503 is sent to no other host."""
    for host in hosts:
        host.has_database = False
    with running(tmp_path, *(host.port for host in hosts)) as proxy:
        assert {proxy.ask("/", method="POST")[0].status for _ in range(TRIES)} == {503}

    assert sum(host.posts for host in hosts) == TRIES


@PROXIES
def test_a_host_that_does_not_run_is_left_out(hosts: tuple[Host, Host], tmp_path: Path, running: Runner) -> None:
    """Pages and forms reach the host that runs, and each form reaches it once."""
    with running(tmp_path, free_port(), hosts[1].port) as proxy:
        assert {proxy.ask("/", method=method)[0].status for method in ("GET", "POST") * 8} == {200}

    assert hosts[1].posts == 8


def test_haproxy_is_as_careful_as_nginx(hosts: tuple[Host, Host], tmp_path: Path) -> None:
    """HAProxy replaces the visitor's address, gives each request an id, logs neither address nor link, and shows no path of gateways."""
    with running_haproxy(tmp_path, *(host.port for host in hosts)) as proxy:
        _, body = proxy.ask("/", **{"X-Forwarded-For": "203.0.113.9", "X-Request-ID": "0" * 32})
        reached = json.loads(body)
        assert (reached["host"], reached["x-forwarded-for"]) == ([SITE], ["127.0.0.1"])
        (given,) = reached["x-request-id"]
        assert REQUEST_ID.fullmatch(given)
        assert given != "0" * 32

        proxy.ask(f"{LINK_PATH}a-token-that-nobody-may-read")
        eventually(lambda: given in proxy.written(), "a line of the log")
        for hidden in ("a-token", "127.0.0.1"):
            assert hidden not in "".join(line for line in proxy.written().splitlines() if "Server " not in line), hidden

        assert [proxy.ask(path)[0].status for path in (SMS_ANSWER_PATH, MONITORED)] == [404, 404]
        assert proxy.ask(PROVIDER_REPORT_PATH)[0].status != 404
        assert proxy.ask("/", method="POST", body="a" * 17 * 1024)[0].status == 413
        with pytest.raises(OSError, match=r"SSL"):
            proxy.ask("/", host="elsewhere.example")
        with closing(HTTPConnection("127.0.0.1", proxy.plain)) as line:
            line.request("GET", "/?lang=en", headers={"Host": SITE})
            response = line.getresponse()
            assert (response.status, response.headers["Location"]) == (301, f"https://{SITE}/?lang=en")


def test_haproxy_says_what_to_do_without_a_host(tmp_path: Path) -> None:
    """If no host answers, HAProxy shows the page that nginx shows."""
    page = (DEPLOY / "haproxy/away.html").read_text("utf-8").strip()
    assert page in (DEPLOY / "nginx/retrouve.conf").read_text("utf-8")

    with running_haproxy(tmp_path, free_port()) as proxy:
        response, body = proxy.ask("/")

    assert (response.status, response.headers["Retry-After"], body.strip()) == (503, "60", page)


def test_a_clouds_balancer_asks_whether_a_host_is_ready() -> None:
    """The sample for a cloud is valid shell, and its balancer asks at the port where nginx answers for this host alone."""
    script = (DEPLOY / "cloud/octavia.sh").read_text("utf-8")
    answering = (DEPLOY / "cloud/nginx-readyz.conf").read_text("utf-8")

    assert f"--url-path {MONITORED} " in script
    assert "--monitor-port 8081 " in script
    assert "listen 8081;" in answering
    assert f"location = {MONITORED} " in answering
