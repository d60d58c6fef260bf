"""What is in deploy/ can be used as it stands: units, the proxy's site, alerts and dashboard."""

import http.client
import json
import os
import re
import shlex
import signal
import socket
import ssl
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from urllib.parse import urlencode

import click
import pytest
import yaml
from prometheus_client import CollectorRegistry
from prometheus_client.exposition import generate_latest
from prometheus_client.parser import text_string_to_metric_families

import cli
from cli.kannel import CONFIGURATION
from core.adapters.prometheus import ElectionFigures, PrometheusMeasures
from core.places import LINK_PATH, SMS_ANSWER_PATH, SMS_REPORT_PATH
from tests.support.certificate import write_certificate
from tests.support.product import eventually, free_port, listens, put_down
from tests.support.worlds import World

DEPLOY = Path(__file__).parent.parent / "deploy"
UNITS = sorted((DEPLOY / "systemd").iterdir())
SERVICES = [unit for unit in UNITS if unit.suffix == ".service"]
ALERTS = yaml.safe_load((DEPLOY / "prometheus/alerts.yml").read_text("utf-8"))["groups"][0]["rules"]
PANELS = json.loads((DEPLOY / "grafana/retrouve.json").read_text("utf-8"))["panels"]
PROGRAM = "/opt/retrouve/.venv/bin/retrouve"
NAME = re.compile(r"retrouve_[a-z_]+")
SELECTED = re.compile(r"(retrouve_[a-z_]+)\{([^}]*)\}|\b(?:by|without) \(([^)]*)\)")
SITE = "vote.exemple.fr"
TOKEN = "a-token-that-nobody-may-read"

# ── The SMS gateway ──────────────────────────────────────────────────────────────────────────────────────


def test_the_gateway_is_set_as_the_one_that_the_tests_go_through() -> None:
    """But for the operator, its ports and its folder: what keeps texts out of logs and SMS through a crash is the same."""
    sample = (DEPLOY / "kannel/kannel.conf").read_text("utf-8")
    before, after = CONFIGURATION.format(
        smsc="\0",
        admin_port=13000,
        box_port=13001,
        send_port=13013,
        folder="/var/spool/kannel",
        username="retrouve",
        password="PASSWORD",
        inbound=f"http://gateway:SECRET@127.0.0.1:8000{SMS_ANSWER_PATH}",
    ).split("\0")

    assert before in sample
    assert sample.endswith(after)


# ── Units ────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("unit", UNITS, ids=lambda unit: unit.name)
def test_a_unit_is_one_that_systemd_takes(unit: Path, tmp_path: Path) -> None:
    """No key is misspelt, no value is wrong; an unknown one would be ignored without a word."""
    for each in UNITS:
        (tmp_path / each.name).write_text(each.read_text("utf-8").replace(PROGRAM, sys.executable), "utf-8")

    said = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", "--recursive-errors=no", tmp_path / unit.name],
        capture_output=True,
        text=True,
        check=False,
    )

    assert (said.returncode, said.stderr) == (0, "")


@pytest.mark.parametrize("unit", SERVICES, ids=lambda unit: unit.name)
def test_a_unit_runs_a_command_that_there_is(unit: Path) -> None:
    """With options that it knows."""
    (line,) = re.findall(r"^ExecStart=(.+)$", unit.read_text("utf-8"), re.MULTILINE)
    program, name, *arguments = shlex.split(line)
    command = cli.main.get_command(click.Context(cli.main), name)

    assert program == PROGRAM
    assert command is not None
    known = {option for each in command.params for option in each.opts}
    assert {argument for argument in arguments if argument.startswith("--")} <= known


@pytest.mark.parametrize("unit", SERVICES, ids=lambda unit: unit.name)
def test_a_unit_leaves_little_to_whoever_breaks_in(unit: Path) -> None:
    """By systemd's own measure, of 0 (closed) to 10 (open)."""
    said = subprocess.run(
        ["systemd-analyze", "security", "--offline=true", "--threshold=20", unit], capture_output=True, check=False
    )

    assert said.returncode == 0


# ── Figures ──────────────────────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def told(world: World) -> dict[str, set[str]]:
    """Every figure that a process tells, with the names of its labels."""
    measures = PrometheusMeasures()
    measures.refused("link-expired")
    measures.called_back("report", "noted")
    election = CollectorRegistry()
    election.register(ElectionFigures(world.store, world.clock, world.house.budgets))
    families = {
        family.name: family
        for registry in (measures.registry, election)
        for family in text_string_to_metric_families(generate_latest(registry).decode())
    }
    labels = {each.name: set(each.labels) for family in families.values() for each in family.samples}
    return {
        **labels,
        "retrouve_refusals_total": {"act", "reason"},  # empty until one is refused
        "retrouve_bounces_total": {"reason"},
        "retrouve_sms_reports_total": {"kind", "delivery"},
    }


QUERIES = [
    *((rule["alert"], rule["expr"]) for rule in ALERTS),
    *((panel["title"], target["expr"]) for panel in PANELS for target in panel["targets"]),
]


@pytest.mark.parametrize(("title", "query"), QUERIES, ids=[title for title, _ in QUERIES])
def test_a_query_asks_for_figures_that_are_told(title: str, query: str, told: dict[str, set[str]]) -> None:
    """By labels that they have: a name that nobody tells would be silence, not an alarm."""
    names = NAME.findall(query)

    assert names or title == "RetrouveAway"
    assert set(names) <= set(told)
    for name, selected, grouped in SELECTED.findall(query):
        wanted = set(re.findall(r"(\w+)=", selected)) | set(re.findall(r"\w+", grouped))
        assert wanted - {"instance", "job"} <= set().union(*(told[each] for each in ([name] if name else names)))


def test_what_an_election_tells_is_never_summed() -> None:
    """Every process and host tells the same of it: a sum would count it as often as it is told."""
    processes = ("refusal_pages", "password_hash", "network_store", "sms_callbacks")
    for title, query in QUERIES:
        for name in NAME.findall(query):
            own = name.removeprefix("retrouve_").startswith(processes)
            assert ("sum" in query) == own, title


def test_an_alert_says_how_urgent_it_is_and_what_to_do() -> None:
    """Whoever is woken has never seen it."""
    for rule in ALERTS:
        assert rule["labels"]["severity"] in {"page", "ticket"}
        assert rule["annotations"]["summary"]
        assert rule["annotations"]["action"]


def test_prometheus_looks_where_the_settings_sample_says() -> None:
    """The ports of election.toml; the file names the alerts beside it."""
    scrape = yaml.safe_load((DEPLOY / "prometheus/scrape.yml").read_text("utf-8"))
    sample = (DEPLOY.parent / "core/election.toml").read_text("utf-8")

    assert scrape["rule_files"] == ["alerts.yml"]
    for job in scrape["scrape_configs"]:
        setting = job["job_name"].removeprefix("retrouve-") + "_port"
        (port,) = re.findall(rf"{setting} = (\d+)", sample)
        assert {target.rpartition(":")[2] for each in job["static_configs"] for target in each["targets"]} == {port}


def test_every_panel_has_a_place_of_its_own() -> None:
    """None lies over another."""
    places = [panel["gridPos"] for panel in PANELS]
    cells = [
        (x, y)
        for place in places
        for x in range(place["x"], place["x"] + place["w"])
        for y in range(place["y"], place["y"] + place["h"])
    ]

    assert len(cells) == len(set(cells))
    assert max(x for x, _ in cells) < 24


# ── Valkey ───────────────────────────────────────────────────────────────────────────────────────────────


def test_valkey_takes_its_file(tmp_path: Path) -> None:
    """On an address of this machine."""
    port = free_port()
    written = (DEPLOY / "valkey.conf").read_text("utf-8")
    here = written.replace("bind 192.0.2.20", "bind 127.0.0.1").replace("port 6379", f"port {port}", 1)
    (tmp_path / "valkey.conf").write_text(here, "utf-8")
    process = subprocess.Popen(["valkey-server", tmp_path / "valkey.conf"], cwd=tmp_path, stdout=subprocess.DEVNULL)
    try:
        eventually(lambda: listens(port), "a Valkey")
    finally:
        put_down(process)


# ── The proxy ────────────────────────────────────────────────────────────────────────────────────────────


class Upstream(BaseHTTPRequestHandler):
    """Stands in for the site: says what reaches it."""

    def do_GET(self) -> None:  # the standard library's name
        """Its headers."""
        body = json.dumps({name.lower(): self.headers.get_all(name) for name in self.headers}).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Nothing."""


@dataclass(frozen=True)
class Proxy:
    """A running nginx with the site of deploy/, on other ports."""

    folder: Path
    plain: int
    secure: int

    def ask(self, path: str, host: str = SITE, **headers: str) -> tuple[http.client.HTTPResponse, str]:
        """What the site answers over TLS."""
        context = ssl.create_default_context(cafile=self.folder / "fullchain.pem")
        with (
            socket.create_connection(("127.0.0.1", self.secure), 10) as line,
            context.wrap_socket(line, server_hostname=host) as secure,
        ):
            sent = {"Host": host, "Connection": "close", **headers}
            lines = "".join(f"{name}: {value}\r\n" for name, value in sent.items())
            secure.sendall(f"GET {path} HTTP/1.1\r\n{lines}\r\n".encode())
            response = http.client.HTTPResponse(secure)
            response.begin()
            return response, response.read().decode()

    def written(self) -> str:
        """All that its logs hold."""
        return "".join(path.read_text("utf-8") for path in self.folder.glob("*.log"))


MAIN = """
{user}
pid {folder}/nginx.pid;
error_log {folder}/main.log;
worker_processes 1;
events {{}}
http {{
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    include {folder}/site.conf;
}}
"""


@pytest.fixture
def upstream() -> Iterator[ThreadingHTTPServer]:
    """What the proxy passes requests to."""
    with ThreadingHTTPServer(("127.0.0.1", 0), Upstream) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield server
        server.shutdown()


@pytest.fixture
def proxy(tmp_path: Path, upstream: ThreadingHTTPServer) -> Iterator[Proxy]:
    """nginx, when it has said that its configuration is good."""
    made = Proxy(tmp_path, free_port(), free_port())
    write_certificate(SITE, tmp_path / "fullchain.pem", tmp_path / "privkey.pem")
    site = (DEPLOY / "nginx/retrouve.conf").read_text("utf-8")
    for old, new in {
        "server 127.0.0.1:8000 ": f"server 127.0.0.1:{upstream.server_port} ",
        f"/etc/letsencrypt/live/{SITE}": str(tmp_path),
        "/var/log/nginx": str(tmp_path),
        "listen 80": f"listen 127.0.0.1:{made.plain}",
        "listen 443": f"listen 127.0.0.1:{made.secure}",
    }.items():
        assert old in site
        site = site.replace(old, new)
    (tmp_path / "site.conf").write_text(site, "utf-8")
    user = "user root;" if os.geteuid() == 0 else ""  # pytest's folders are closed to others
    (tmp_path / "nginx.conf").write_text(MAIN.format(folder=tmp_path, user=user), "utf-8")
    nginx = ["/usr/sbin/nginx", "-c", tmp_path / "nginx.conf", "-e", tmp_path / "main.log"]
    tested = subprocess.run([*nginx, "-t"], capture_output=True, text=True, check=False)
    assert tested.returncode == 0, tested.stderr
    assert "[warn]" not in tested.stderr
    process = subprocess.Popen([*nginx, "-g", "daemon off;"])
    try:
        eventually(lambda: listens(made.secure), "nginx")
        yield made
        process.send_signal(signal.SIGTERM)
        process.wait(5)
    finally:
        put_down(process)


def test_the_proxy_passes_the_host_on_and_replaces_where_one_comes_from(proxy: Proxy) -> None:
    """Whatever the visitor says of it."""
    response, body = proxy.ask("/", **{"X-Forwarded-For": "203.0.113.9"})

    assert response.status == 200
    reached = json.loads(body)
    assert reached["host"] == [SITE]
    assert reached["x-forwarded-for"] == ["127.0.0.1"]


def test_what_gateways_call_is_not_reached_through_the_proxy(proxy: Proxy) -> None:
    """Whoever comes that way may be anybody."""
    assert proxy.ask(SMS_ANSWER_PATH)[0].status == 404
    assert proxy.ask(SMS_REPORT_PATH + "code.7F3K-92QD.1/tag?status=1")[0].status == 404


def test_no_log_holds_an_address_or_a_link(proxy: Proxy, upstream: ThreadingHTTPServer) -> None:
    """Neither when all is well nor when no host answers."""
    assert proxy.ask(LINK_PATH + TOKEN)[0].status == 200
    upstream.shutdown()
    upstream.server_close()
    assert proxy.ask(LINK_PATH + TOKEN)[0].status == 503

    eventually(lambda: " 503 " in proxy.written(), "a line of the log")
    assert TOKEN not in proxy.written()
    assert "client" not in proxy.written()


def test_when_no_host_answers_the_proxy_says_what_to_do(proxy: Proxy, upstream: ThreadingHTTPServer) -> None:
    """In both languages, with a time to come back."""
    upstream.shutdown()
    upstream.server_close()

    response, body = proxy.ask("/")

    assert (response.status, response.headers["Retry-After"]) == (503, "60")
    assert "Recommencez dans quelques minutes" in body
    assert "Try again in a few minutes" in body


def test_another_name_is_not_answered(proxy: Proxy) -> None:
    """Neither over TLS nor without."""
    with pytest.raises(ssl.SSLError):
        proxy.ask("/", host="elsewhere.example")
    with closing(http.client.HTTPConnection("127.0.0.1", proxy.plain)) as line:
        line.request("GET", "/", headers={"Host": "elsewhere.example"})
        with pytest.raises(http.client.RemoteDisconnected):
            line.getresponse()


def test_without_tls_one_is_sent_to_the_same_page_with_it(proxy: Proxy) -> None:
    """The address typed without https is the usual one."""
    with closing(http.client.HTTPConnection("127.0.0.1", proxy.plain)) as line:
        line.request("GET", f"/?{urlencode({'lang': 'en'})}", headers={"Host": SITE})
        response = line.getresponse()

    assert (response.status, response.headers["Location"]) == (301, f"https://{SITE}/?lang=en")


def test_a_request_too_large_for_the_site_is_refused_before_it(proxy: Proxy) -> None:
    """By the same measure."""
    response, _ = proxy.ask("/", **{"Content-Length": str(17 * 1024)})

    assert response.status == 413
