"""The figures of running processes, read as Prometheus reads them."""

import os
import signal
import subprocess
from collections.abc import Iterator

import pytest
from prometheus_client.parser import text_string_to_metric_families

from tests.support.product import (
    RETROUVE,
    Installation,
    alive,
    descendants,
    eventually,
    exchange,
    free_port,
    listens,
)
from tests.support.valkey import valkey

GOOD = "Lavande bleue 2018"
HASHES = ("retrouve_password_hash_seconds_count", "hash")


def figures(port: int) -> dict[tuple[str, ...], float]:
    """Every sample told there, by its name and the values of its labels."""
    answer = exchange(f"http://127.0.0.1:{port}", "GET", "/metrics")
    assert answer.status == 200
    families = text_string_to_metric_families(answer.body.decode())
    return {(each.name, *each.labels.values()): each.value for family in families for each in family.samples}


@pytest.fixture
def told(parts: Installation) -> Iterator[Installation]:
    """A product that tells its figures, with all its parts running."""
    parts.variables |= {
        "RETROUVE_METRICS__SERVE_PORT": str(free_port()),
        "RETROUVE_METRICS__COURIER_PORT": str(free_port()),
    }
    for name in ("mailbox", "courier", "serve"):
        parts.start(name)
    eventually(lambda: listens(serve_port(parts)) and listens(courier_port(parts)), "both figures")
    return parts


def serve_port(parts: Installation) -> int:
    """Where `serve` tells."""
    return int(parts.variables["RETROUVE_METRICS__SERVE_PORT"])


def courier_port(parts: Installation) -> int:
    """Where `courier` tells."""
    return int(parts.variables["RETROUVE_METRICS__COURIER_PORT"])


def test_the_site_and_the_courier_tell_one_election(told: Installation) -> None:
    """Both say the same of it, and the site what its two workers did, one of which then dies."""
    voter = told.new_voter()
    told.give_password(voter, GOOD)
    told.settled()
    for _ in range(8):
        assert told.browser().sign_in(voter.email, GOOD).status == 200
    told.browser().get("/nowhere")

    site, courier = figures(serve_port(told)), figures(courier_port(told))

    for of_the_election in [
        ("retrouve_asks_total",),
        ("retrouve_mails_total", "sent"),
        ("retrouve_passwords_chosen_total",),
        ("retrouve_acts_total", "signed-in"),
    ]:
        assert site[of_the_election] == courier[of_the_election] > 0
    assert (site["retrouve_asks_total",], site["retrouve_acts_total", "signed-in"]) == (1, 8)
    assert site[HASHES] == 1
    assert site["retrouve_password_hash_seconds_count", "verify"] == 8
    assert site["retrouve_refusal_pages_total", "page-not-found"] == 1
    assert courier[HASHES] == 0

    _teller, *workers = descendants(told.parts["serve"].pid)
    assert len(workers) == 2
    for worker in workers:
        os.kill(worker, signal.SIGKILL)
    assert figures(serve_port(told))[HASHES] == 1


def test_nothing_is_told_to_those_who_visit_the_site(told: Installation) -> None:
    """The figures have an address of their own."""
    assert exchange(told.site, "GET", "/metrics").status == 404


def test_the_teller_ends_with_the_site_however_it_ends(told: Installation) -> None:
    """Asked to, or killed; and a second start finds the address free."""
    family = descendants(told.parts["serve"].pid)
    told.stop("serve")
    eventually(lambda: not any(map(alive, family)), "the end of its processes", 1)

    told.start("serve")
    eventually(lambda: listens(serve_port(told)), "the figures")
    process = told.parts.pop("serve")
    family = descendants(process.pid)
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    try:
        eventually(lambda: not listens(serve_port(told)), "the end of the teller")
    finally:
        for pid in filter(alive, family):
            os.kill(pid, signal.SIGKILL)


def test_an_address_that_is_taken_is_told_at_the_start(told: Installation) -> None:
    """In one sentence, before anything is served."""
    environment = {**os.environ, **told.variables, "RETROUVE_WEB__PORT": str(free_port())}
    for name, port in (("serve", serve_port(told)), ("courier", courier_port(told))):
        second = subprocess.run(
            [*RETROUVE, name, "--dir", str(told.folder)],
            env=environment,
            capture_output=True,
            text=True,
            check=False,
            timeout=20,
        )
        assert second.returncode == 1
        assert f"127.0.0.1:{port}" in second.stderr
        assert "[metrics]" in second.stderr
        assert len(second.stderr.splitlines()) == 1


def test_without_the_setting_nothing_listens(parts: Installation) -> None:
    """And nothing is counted."""
    process = parts.start("serve")
    assert len(descendants(process.pid)) == 2


def test_the_shared_buckets_limit_and_let_go(parts: Installation) -> None:
    """Two workers count together in Valkey; when it dies everyone is admitted, and the figures say so."""
    port = free_port()
    with valkey() as server:
        server.start()
        parts.start(
            "serve",
            RETROUVE_THROTTLE_NETWORKS="true",
            RETROUVE_THROTTLE_URL=server.url,
            RETROUVE_POLICY__VISITS_PER_NETWORK_PER_MINUTE="20",
            RETROUVE_METRICS__SERVE_PORT=str(port),
        )
        statuses = [parts.browser().post("/", {"email": f"v{number}@vote.example"}).status for number in range(60)]
        assert statuses.count(200) in {20, 40}  # a minute may end meanwhile

        server.kill()
        statuses = [parts.browser().post("/", {"email": f"v{number}@vote.example"}).status for number in range(60)]
        assert set(statuses) == {200}
        eventually(lambda: figures(port)["retrouve_network_store_failures_total",] > 0, "a trouble counted")
        assert figures(port)["retrouve_refusal_pages_total", "too-many-requests"] in {20, 40}
