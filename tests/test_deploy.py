"""The files in deploy/ work: the systemd units, the proxy's configuration, the alerts and the dashboard."""

import grp
import http.client
import json
import os
import pwd
import re
import shlex
import socket
import ssl
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from datetime import timedelta
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
from cli.serve import CONNECTIONS, IDLE_SECONDS, SECONDS_TO_FINISH
from core.adapters.election_metrics import ElectionMetricsCollector
from core.adapters.logs import REQUEST_ID
from core.adapters.prometheus_counters import PrometheusMeasurements
from core.adapters.sql.engine import BUSY_SECONDS
from core.policy.policy import Policy
from core.security.key_roles import ProgramKeyRole
from core.text.urls import LINK_PATH, PROVIDER_REPORT_PATH, SMS_ANSWER_PATH, SMS_REPORT_PATH
from tests.support.local_kannel import CONFIGURATION
from tests.support.product import eventually, free_port, listens, put_down
from tests.support.proxies import SITE, Proxy, running_nginx
from tests.support.worlds import World

DEPLOY = Path(__file__).parent.parent / "deploy"
UNITS = sorted((DEPLOY / "systemd").iterdir())
SERVICES = [unit for unit in UNITS if unit.suffix == ".service"]
ALERTS = yaml.safe_load((DEPLOY / "prometheus/alerts.yml").read_text("utf-8"))["groups"][0]["rules"]
DASHBOARD = json.loads((DEPLOY / "grafana/retrouve.json").read_text("utf-8"))
PANELS = DASHBOARD["panels"]
PROGRAM = "/opt/retrouve/.venv/bin/retrouve"
NAME = re.compile(r"retrouve_[a-z_]+")
SELECTED = re.compile(r"(retrouve_[a-z_]+)\{([^}]*)\}|\b(?:by|without) \(([^)]*)\)")
TOKEN = "a-token-that-nobody-may-read"

# ── The SMS gateway ──────────────────────────────────────────────────────────────────────────────────────


def test_the_gateway_configuration_is_that_of_the_tests() -> None:
    """Kannel's configuration is the one that the tests use, except for the operator, the ports and the folder."""
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


# ── The database ─────────────────────────────────────────────────────────────────────────────────────────


def test_the_cluster_keeps_what_was_told() -> None:
    """Patroni confirms only writes that are on two machines. `tests/drill` also runs its file, without the watchdog."""
    settings = yaml.safe_load((DEPLOY / "patroni/patroni.yml").read_text("utf-8"))
    shared = settings["bootstrap"]["dcs"]

    assert shared["synchronous_mode"] is shared["synchronous_mode_strict"] is True
    assert (shared["primary_start_timeout"], shared["ttl"]) == (0, 20)
    assert shared["loop_wait"] + 2 * shared["retry_timeout"] <= shared["ttl"]
    assert settings["watchdog"]["mode"] == "required"


# ── Units ────────────────────────────────────────────────────────────────────────────────────────────────


def test_systemd_accepts_each_unit(tmp_path: Path) -> None:
    """Systemd accepts each key and value of each unit. In operation, it would ignore an unknown key."""
    for each in UNITS:
        (tmp_path / each.name).write_text(each.read_text("utf-8").replace(PROGRAM, sys.executable), "utf-8")

    said = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", "--recursive-errors=no", *(tmp_path / unit.name for unit in UNITS)],
        capture_output=True,
        text=True,
        check=False,
    )

    assert (said.returncode, said.stderr) == (0, "")


@pytest.mark.parametrize("unit", SERVICES, ids=lambda unit: unit.name)
def test_each_unit_runs_an_existing_command_with_an_account_of_its_own_for_its_keys(unit: Path) -> None:
    """A unit runs an existing command with existing options, under the account that owns the key file of its role."""
    text, unit_name = unit.read_text("utf-8"), unit.name.removeprefix("retrouve-").partition("@")[0]
    (line,) = re.findall(r"^ExecStart=(.+)$", text, re.MULTILINE)
    program, name, *arguments = shlex.split(line)
    command, role = cli.main.get_command(click.Context(cli.main), name), ProgramKeyRole(unit_name.removesuffix("d"))

    assert (program, name) == (PROGRAM, unit_name)
    assert command is not None
    known = {option for each in command.params for option in each.opts}
    assert {argument for argument in arguments if argument.startswith("--")} <= known
    assert re.findall(r"^User=(.+)$", text, re.MULTILINE) == [f"retrouve-{role}"]
    assert f"keys/{role}.key" in text
    install = (DEPLOY.parent / "docs/install.md").read_text("utf-8")
    assert role in re.findall(r"for role in (.+?);", install)[0].split()


@pytest.mark.parametrize("role", ["serve", "courier", "deskd"])
def test_a_lasting_unit_is_begun_again_for_ever_and_reloads(role: str) -> None:
    """A unit that runs permanently is restarted without limit, can have enough files open, and reloads at SIGHUP."""
    text = (DEPLOY / f"systemd/retrouve-{role}@.service").read_text("utf-8")

    assert re.findall(r"^(Restart|StartLimitIntervalSec)=(.+)$", text, re.MULTILINE) == [
        ("StartLimitIntervalSec", "0"),
        ("Restart", "always"),
    ]
    assert "\nExecReload=/bin/kill -HUP $MAINPID\n" in text
    if role == "serve":
        (files,) = re.findall(r"^LimitNOFILE=(\d+)$", text, re.MULTILINE)
        assert int(files) > CONNECTIONS


def test_a_stopped_site_may_finish_the_slowest_form() -> None:
    """Neither granian nor systemd kills a form while its password waits for a hash and then for the database."""
    text = (DEPLOY / "systemd/retrouve-serve@.service").read_text("utf-8")
    (seconds,) = re.findall(r"^TimeoutStopSec=(\d+)$", text, re.MULTILINE)

    assert int(seconds) > SECONDS_TO_FINISH > 2 * Policy().password_wait_seconds + BUSY_SECONDS


def test_each_unit_has_little_exposure() -> None:
    """By systemd's own measure from 0 (safe) to 10 (unsafe), each unit is at most slightly exposed."""
    said = subprocess.run(
        ["systemd-analyze", "security", "--offline=true", "--threshold=20", *SERVICES], capture_output=True, check=False
    )

    assert said.returncode == 0


def test_systemd_makes_the_accounts_and_folders_of_the_units(tmp_path: Path) -> None:
    """With our files, systemd makes the groups, the account of each program, and the folder for environment files."""
    (tmp_path / "etc").mkdir()
    made = [
        ["systemd-sysusers", f"--root={tmp_path}", DEPLOY / "sysusers.d/retrouve.conf"],
        ["systemd-tmpfiles", f"--root={tmp_path}", "--create", DEPLOY / "tmpfiles.d/retrouve.conf"],
    ]
    for command in made:
        assert subprocess.run(command, check=False).returncode == 0

    accounts = [line.split(":") for line in (tmp_path / "etc/passwd").read_text("utf-8").splitlines()]
    groups = {
        line.split(":")[0]: line.split(":")[2] for line in (tmp_path / "etc/group").read_text("utf-8").splitlines()
    }
    users = {re.findall(r"^User=(.+)$", unit.read_text("utf-8"), re.MULTILINE)[0] for unit in SERVICES}
    assert {account[0] for account in accounts} == users | {"retrouve", "retrouve-bounces"}
    assert {account[3] for account in accounts} == {groups["retrouve"]}
    assert (tmp_path / "etc/retrouve").stat().st_mode & 0o777 == 0o750


def test_the_kernel_knows_each_setting() -> None:
    """The kernel knows each setting in the file for sysctl."""
    command = ["/usr/sbin/sysctl", "--dry-run", f"--load={DEPLOY / 'sysctl.d/retrouve.conf'}"]

    assert subprocess.run(command, check=False).returncode == 0


# ── Figures ──────────────────────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def exported_metrics(world: World) -> dict[str, set[str]]:
    """Return every metric that a process exports, with the names of its labels."""
    measures = PrometheusMeasurements()
    measures.count_refusal("link-expired")
    measures.count_callback("report", "noted")
    measures.count_refused_row("voters")
    measures.count_provider_answer("smtp.example:25", accepted=True)
    election = CollectorRegistry()
    election.register(
        ElectionMetricsCollector(
            world.store, world.clock, world.services.budgets, lambda: 1, lambda: 1, courier_silence=timedelta
        )
    )
    families = {
        family.name: family
        for registry in (measures.registry, election)
        for family in text_string_to_metric_families(generate_latest(registry).decode())
    }
    labels = {each.name: set(each.labels) for family in families.values() for each in family.samples}
    return {
        **labels,
        "retrouve_refusals_total": {"act", "reason"},  # exported without labels until the first refusal
        "retrouve_bounces_total": {"reason"},
        "retrouve_sms_reports_total": {"kind", "delivery"},
    }


QUERIES = [
    *((rule["alert"], rule["expr"]) for rule in ALERTS),
    *((panel["title"], target["expr"]) for panel in PANELS for target in panel["targets"]),
]


def test_each_query_uses_exported_metrics(exported_metrics: dict[str, set[str]]) -> None:
    """Every query uses only exported metrics and labels, because an unknown name would never raise an alarm."""
    for title, query in QUERIES:
        names = NAME.findall(query)
        assert names or title == "RetrouveAway", title
        assert set(names) <= set(exported_metrics), title
        for name, selected, grouped in SELECTED.findall(query):
            wanted = set(re.findall(r"(\w+)=", selected)) | set(re.findall(r"\w+", grouped))
            labels = set().union(*(exported_metrics[each] for each in ([name] if name else names)))
            assert wanted - {"instance", "job"} <= labels, title


def test_metrics_of_the_election_are_never_summed() -> None:
    """No query sums a metric of the whole election, because every process exports the same value."""
    processes = ("refusal_pages", "password_hash", "network_store", "sms_callbacks", "rows_refused", "provider_answers")
    for title, query in QUERIES:
        for name in NAME.findall(query):
            own = name.removeprefix("retrouve_").startswith(processes)
            assert ("sum" in query) == own, title


def test_each_alert_has_a_severity_and_says_what_to_do() -> None:
    """Each alert has a severity, and says what to do."""
    for rule in ALERTS:
        assert rule["labels"]["severity"] in {"page", "ticket"}, rule["alert"]
        assert rule["annotations"]["summary"], rule["alert"]
        assert rule["annotations"]["action"], rule["alert"]


def test_prometheus_scrapes_the_ports_of_the_sample() -> None:
    """Prometheus scrapes the ports of the settings sample and loads the file of alerts."""
    scrape = yaml.safe_load((DEPLOY / "prometheus/scrape.yml").read_text("utf-8"))
    sample = (DEPLOY.parent / "core/election.toml").read_text("utf-8")

    assert scrape["rule_files"] == ["alerts.yml"]
    for job in scrape["scrape_configs"]:
        setting = job["job_name"].removeprefix("retrouve-") + "_port"
        (port,) = re.findall(rf"{setting} = (\d+)", sample)
        assert {target.rpartition(":")[2] for each in job["static_configs"] for target in each["targets"]} == {port}


def test_prometheus_accepts_alerts_and_scraping(tmp_path: Path) -> None:
    """Prometheus's own tool accepts the alerts, and the scrape configuration that names their file."""
    for name in ("alerts.yml", "scrape.yml"):
        (tmp_path / name).write_bytes((DEPLOY / "prometheus" / name).read_bytes())

    said = subprocess.run(
        ["promtool", "check", "config", "--lint-fatal", tmp_path / "scrape.yml"],
        capture_output=True,
        text=True,
        check=False,
    )

    assert said.returncode == 0, said.stderr
    assert f"{len(ALERTS)} rules found" in said.stdout


def firing(alert: str, at: str, expected: list[dict[str, str]]) -> dict[str, object]:
    """Return a test for promtool: exactly these alerts fire at that time."""
    severity = next(rule["labels"]["severity"] for rule in ALERTS if rule["alert"] == alert)
    own = {"__name__": "ALERTS", "alertname": alert, "alertstate": "firing", "severity": severity}
    labels = [",".join(f'{name}="{value}"' for name, value in sorted((own | each).items())) for each in expected]
    return {
        "expr": f'ALERTS{{alertname="{alert}",alertstate="firing"}}',
        "eval_time": at,
        "exp_samples": [{"labels": f"{{{each}}}", "value": 1} for each in labels],
    }


def test_trouble_is_known_within_a_minute(tmp_path: Path) -> None:
    """Stopped couriers and an ageing queue are known within a minute, a relay that refuses in two, and the alert names the host."""
    (tmp_path / "alerts.yml").write_bytes((DEPLOY / "prometheus/alerts.yml").read_bytes())
    answers = 'retrouve_provider_answers_total{instance="host1",provider="%s",outcome="%s"}'
    series = {
        'retrouve_store_up{instance="host1"}': "1+0x20",
        'retrouve_store_up{instance="host2"}': "1 0+0x20",
        'retrouve_courier_silence_seconds{instance="host1"}': "1+0x4 12+15x15",  # stopped at 63 s
        'retrouve_overdue_seconds{instance="host1"}': "0+0x4 12+15x15",
        'retrouve_settings_refused{instance="host1"}': "0 1+0x20",
        answers % ("refuses:25", "failed"): "0+0x4 1+1x15",
        answers % ("refuses:25", "accepted"): "0+0x20",
        answers % ("works:25", "failed"): "0+1x20",
        answers % ("works:25", "accepted"): "0+900x20",
    }
    expected = [
        firing("RetrouveDatabaseAway", "90s", [{"instance": "host2"}]),
        firing("RetrouveCouriersStopped", "60s", []),
        firing("RetrouveCouriersStopped", "120s", [{}]),
        firing("RetrouveQueueAges", "60s", []),
        firing("RetrouveQueueAges", "120s", [{}]),
        firing("RetrouveProviderRefuses", "60s", []),
        firing("RetrouveProviderRefuses", "180s", [{"instance": "host1", "provider": "refuses:25"}]),
        firing("RetrouveSettingsRefused", "180s", [{"instance": "host1"}]),
    ]
    played = {
        "interval": "15s",
        "input_series": [{"series": name, "values": values} for name, values in series.items()],
        "promql_expr_test": expected,
    }
    file = {"rule_files": ["alerts.yml"], "evaluation_interval": "15s", "tests": [played]}
    (tmp_path / "tests.yml").write_text(yaml.safe_dump(file), "utf-8")

    said = subprocess.run(
        ["promtool", "test", "rules", tmp_path / "tests.yml"], capture_output=True, text=True, check=False
    )

    assert said.returncode == 0, said.stdout + said.stderr


def test_prometheus_accepts_each_query_of_the_dashboard(tmp_path: Path) -> None:
    """Prometheus's own tool accepts each query of the dashboard, and every panel uses the chosen data source."""
    queries = [target["expr"].replace("$__rate_interval", "5m") for panel in PANELS for target in panel["targets"]]
    rules = [{"record": f"panel:{number}", "expr": query} for number, query in enumerate(queries)]
    (tmp_path / "queries.yml").write_text(yaml.safe_dump({"groups": [{"name": "dashboard", "rules": rules}]}), "utf-8")

    said = subprocess.run(
        ["promtool", "check", "rules", tmp_path / "queries.yml"], capture_output=True, text=True, check=False
    )

    assert said.returncode == 0, said.stderr
    assert f"{len(queries)} rules found" in said.stdout
    assert {panel["datasource"]["uid"] for panel in PANELS} == {
        f"${{{each['name']}}}" for each in DASHBOARD["templating"]["list"] if each["type"] == "datasource"
    }


def test_dashboard_panels_do_not_overlap() -> None:
    """The dashboard's panels do not overlap."""
    places = [panel["gridPos"] for panel in PANELS]
    cells = [
        (x, y)
        for place in places
        for x in range(place["x"], place["x"] + place["w"])
        for y in range(place["y"], place["y"] + place["h"])
    ]

    assert len(cells) == len(set(cells))
    assert max(x for x, _ in cells) < 24


# ── Agents elsewhere ─────────────────────────────────────────────────────────────────────────────────────


def _with_account_unlocked(name: str, folder: Path) -> list[str]:
    """Return a command prefix for root that makes sshd see this account as unlocked. It refuses a locked account."""
    (folder / "shadow").write_text(f"{name}:*:19000::::::\n", "utf-8")
    return ["unshare", "--mount", "sh", "-c", 'mount --bind "$0" /etc/shadow && exec "$@"', str(folder / "shadow")]


@pytest.fixture
def ssh(tmp_path: Path) -> Iterator[list[str]]:
    """Run sshd with the file in deploy/. Yields the command that logs this account in with its key."""
    account, port = pwd.getpwuid(os.geteuid()), free_port()
    for name in ("host", "agent"):
        subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", tmp_path / name], check=True)
    ours = (DEPLOY / "ssh/retrouve-agents.conf").read_text("utf-8")
    ours = ours.replace("Group retrouve-agents", f"Group {grp.getgrgid(account.pw_gid).gr_name}")
    around = {
        "ListenAddress": f"127.0.0.1:{port}",
        "HostKey": tmp_path / "host",
        "AuthorizedKeysFile": tmp_path / "agent.pub",
        "StrictModes": "no",  # this folder is anybody's
        "PidFile": "none",
        "SetEnv": f"PATH={Path(sys.executable).parent}:/usr/bin",
    }
    written = "".join(f"{name} {value}\n" for name, value in around.items())
    (tmp_path / "sshd_config").write_text(written + ours.replace("/run/retrouve/election", str(tmp_path)), "utf-8")
    before = list[str]()
    if account.pw_uid == 0:
        Path("/run/sshd").mkdir(mode=0o755, exist_ok=True)  # as Debian's unit does
        if f"\n{account.pw_name}:!" in f"\n{Path('/etc/shadow').read_text('utf-8')}":
            before = _with_account_unlocked(account.pw_name, tmp_path)
    process = subprocess.Popen([*before, "/usr/sbin/sshd", "-D", "-e", "-f", tmp_path / "sshd_config"])
    options = ["BatchMode=yes", "IdentitiesOnly=yes", "StrictHostKeyChecking=no", "UserKnownHostsFile=/dev/null"]
    try:
        eventually(lambda: listens(port), "an sshd")
        yield [
            *("ssh", "-F", "none", "-i", str(tmp_path / "agent"), "-p", str(port)),
            *(word for option in options for word in ("-o", option)),
            f"{account.pw_name}@127.0.0.1",
        ]
    finally:
        put_down(process)


def test_every_command_over_ssh_becomes_the_terminal_and_no_port_is_reached(ssh: list[str], tmp_path: Path) -> None:
    """An agent's key always opens `retrouve desk`, whatever command ssh asks for, and reaches no port."""
    asked = subprocess.run(
        [*ssh, "-tt", "cat", "/etc/passwd"], stdin=subprocess.DEVNULL, capture_output=True, check=False
    )

    said = asked.stdout.decode()
    assert asked.returncode == os.EX_TEMPFAIL, asked.stderr.decode()
    assert f"Le service de l'assistance ne répond pas à {tmp_path}/desk.sock" in " ".join(said.split())

    port = ssh[ssh.index("-p") + 1]
    beside = subprocess.run(
        [*ssh, "-W", f"127.0.0.1:{port}"], stdin=subprocess.DEVNULL, capture_output=True, check=False
    )

    assert (beside.returncode, beside.stdout) == (255, b"")
    assert b"prohibited" in beside.stderr, beside.stderr.decode()


# ── The proxy ────────────────────────────────────────────────────────────────────────────────────────────


class Upstream(BaseHTTPRequestHandler):
    """Takes the place of the site, and returns each request."""

    def do_GET(self) -> None:  # the name is the standard library's
        body = json.dumps({name.lower(): self.headers.get_all(name) for name in self.headers}).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Log nothing."""


@pytest.fixture(scope="module")
def proxy(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Proxy]:
    """Yield a proxy in front of a site that answers."""
    with ThreadingHTTPServer(("127.0.0.1", 0), Upstream) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        with running_nginx(tmp_path_factory.mktemp("proxy"), server.server_port) as made:
            yield made
        server.shutdown()


@pytest.fixture
def proxy_alone(tmp_path: Path) -> Iterator[Proxy]:
    """Yield a proxy in front of a site that does not run."""
    with running_nginx(tmp_path, free_port()) as made:
        yield made


def test_the_proxy_forwards_the_host_and_replaces_the_visitors_address(proxy: Proxy) -> None:
    """The proxy forwards the header Host, and replaces the visitor's address whatever the request's headers say."""
    response, body = proxy.ask("/", **{"X-Forwarded-For": "203.0.113.9"})

    assert response.status == 200
    reached = json.loads(body)
    assert reached["host"] == [SITE]
    assert reached["x-forwarded-for"] == ["127.0.0.1"]


def test_the_proxy_gives_each_request_an_id_and_logs_it(proxy: Proxy) -> None:
    """The proxy gives each request an id of its own, sends it to the site and logs it."""
    _, body = proxy.ask("/", **{"X-Request-ID": "0" * 32})

    (given,) = json.loads(body)["x-request-id"]
    assert REQUEST_ID.fullmatch(given)
    assert given != "0" * 32
    eventually(lambda: given in proxy.written(), "a line of the log")


def test_no_log_holds_an_address_or_a_link(proxy: Proxy, proxy_alone: Proxy) -> None:
    """No log contains a visitor's address or a link, whether the site answers or not."""
    for asked, status in ((proxy, 200), (proxy_alone, 503)):
        assert asked.ask(LINK_PATH + TOKEN)[0].status == status

        eventually(lambda: f" {status} " in asked.written(), "a line of the log")  # noqa: B023  # run now
        assert TOKEN not in asked.written(), status
        assert "client" not in asked.written(), status


def test_without_a_host_the_proxy_says_what_to_do(proxy_alone: Proxy) -> None:
    """If no host answers, the proxy's page says in both languages what to do and when."""
    response, body = proxy_alone.ask("/")

    assert (response.status, response.headers["Retry-After"]) == (503, "60")
    assert "Dans quelques minutes, rouvrez la page" in body
    assert "Open the page again in a few minutes" in body
    assert "Rien n" not in body, "a form may have been done before its answer was lost"


def test_the_proxy_ends_idle_connections_before_the_site_does() -> None:
    """The proxy closes idle connections before the site does. Otherwise a form could be lost on a closing connection."""
    site = (DEPLOY / "nginx/retrouve.conf").read_text("utf-8")

    assert int(re.findall(r"^    keepalive_timeout (\d+)s;$", site, re.MULTILINE)[0]) < IDLE_SECONDS


def test_the_proxy_sends_nothing_of_a_request_before_it_is_whole(tmp_path: Path) -> None:
    """The proxy sends a request to the site only when the request is complete."""
    with socket.create_server(("127.0.0.1", 0)) as site, running_nginx(tmp_path, site.getsockname()[1]) as made:
        context = ssl.create_default_context(cafile=made.folder / "fullchain.pem")
        with (
            socket.create_connection(("127.0.0.1", made.secure), 10) as line,
            context.wrap_socket(line, server_hostname=SITE) as secure,
        ):
            secure.sendall(f"POST / HTTP/1.1\r\nHost: {SITE}\r\nContent-Length: 9\r\n\r\nemail".encode())
            site.settimeout(1)
            with pytest.raises(TimeoutError):
                site.accept()

            secure.sendall(b"=zoe")
            site.settimeout(30)
            with site.accept()[0] as connection:
                assert connection.recv(65536).startswith(b"POST / HTTP/1.1\r\n")


def test_gateway_paths_are_not_reached_through_the_proxy(proxy: Proxy) -> None:
    """The paths for SMS gateways cannot be reached through the proxy, except that for providers on the internet."""
    assert proxy.ask(SMS_ANSWER_PATH)[0].status == 404
    assert proxy.ask(SMS_REPORT_PATH + "code.7F3K-92QD.1/tag?status=1")[0].status == 404
    assert proxy.ask(PROVIDER_REPORT_PATH + "main/code.7F3K-92QD.1/tag")[0].status == 200


def test_another_host_name_is_not_answered(proxy: Proxy) -> None:
    """A request for another host name gets no answer, with or without TLS."""
    with pytest.raises(ssl.SSLError):
        proxy.ask("/", host="elsewhere.example")
    with closing(http.client.HTTPConnection("127.0.0.1", proxy.plain)) as line:
        line.request("GET", "/", headers={"Host": "elsewhere.example"})
        with pytest.raises(http.client.RemoteDisconnected):
            line.getresponse()


def test_http_is_redirected_to_the_same_page_on_https(proxy: Proxy) -> None:
    """A request without TLS is redirected to the same page with TLS."""
    with closing(http.client.HTTPConnection("127.0.0.1", proxy.plain)) as line:
        line.request("GET", f"/?{urlencode({'lang': 'en'})}", headers={"Host": SITE})
        response = line.getresponse()

    assert (response.status, response.headers["Location"]) == (301, f"https://{SITE}/?lang=en")


def test_the_proxy_refuses_too_large_requests(proxy: Proxy) -> None:
    """The proxy refuses a request that is larger than the site's own limit."""
    response, _ = proxy.ask("/", **{"Content-Length": str(17 * 1024)})

    assert response.status == 413
