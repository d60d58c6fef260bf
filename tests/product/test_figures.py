"""Running processes export metrics for Prometheus."""

import os
import signal
import subprocess
from collections.abc import Iterator
from itertools import count

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
    installation,
    listens,
)
from tests.support.valkey import valkey

GOOD = "Lavande bleue 2018"
HASHES = ("retrouve_password_hash_seconds_count", "hash")


def figures(port: int) -> dict[tuple[str, ...], float]:
    """Return every sample on the metrics page. The key is the name with the values of the labels."""
    answer = exchange(f"http://127.0.0.1:{port}", "GET", "/metrics")
    assert answer.status == 200
    families = text_string_to_metric_families(answer.body)
    return {(each.name, *each.labels.values()): each.value for family in families for each in family.samples}


@pytest.fixture(scope="module")
def exporting(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    """Run a product whose processes export metrics."""
    ports = {f"RETROUVE_METRICS__{name}_PORT": str(free_port()) for name in ("SERVE", "COURIER")}
    with installation(tmp_path_factory.mktemp("figures") / "election") as parts:
        parts.variables |= ports
        parts.start_product()
        eventually(lambda: listens(serve_port(parts)) and listens(courier_port(parts)), "both figures")
        yield parts


def serve_port(parts: Installation) -> int:
    return int(parts.variables["RETROUVE_METRICS__SERVE_PORT"])


def courier_port(parts: Installation) -> int:
    return int(parts.variables["RETROUVE_METRICS__COURIER_PORT"])


def test_site_and_courier_export_the_same_election(exporting: Installation) -> None:
    """The site and the courier export the same metrics of the election, and the site those of both its workers."""
    voter = exporting.take_unused_voter()
    exporting.set_password_by_link(voter, GOOD)
    exporting.settled()
    for _ in range(8):
        assert exporting.browser().sign_in(voter.email, GOOD).status == 200
    exporting.browser().get("/nowhere")

    site, courier = figures(serve_port(exporting)), figures(courier_port(exporting))

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

    _teller, *workers = descendants(exporting.parts["serve"].pid)
    assert len(workers) == 2
    for worker in workers:
        os.kill(worker, signal.SIGKILL)
    assert figures(serve_port(exporting))[HASHES] == 1


def test_metrics_have_an_address_of_their_own_that_is_free_again_after_the_site(exporting: Installation) -> None:
    """While the metrics port is in use, a second start is refused with a sentence.

    The port is free again after the site was stopped or killed.
    """
    exporting.ready()
    assert exchange(exporting.site, "GET", "/metrics").status == 404
    environment = {**os.environ, **exporting.variables, "RETROUVE_WEB__PORT": str(free_port())}
    for name, port in (("serve", serve_port(exporting)), ("courier", courier_port(exporting))):
        second = subprocess.run(
            [*RETROUVE, name, "--dir", str(exporting.folder)],
            env=environment,
            capture_output=True,
            text=True,
            check=False,
            timeout=180,
        )
        assert second.returncode == 1
        assert f"127.0.0.1:{port}" in second.stderr
        assert "[metrics]" in second.stderr
        assert len(second.stderr.splitlines()) == 1

    family = descendants(exporting.parts["serve"].pid)
    exporting.stop("serve")
    eventually(lambda: not any(map(alive, family)), "the end of its processes")

    exporting.start("serve")
    eventually(lambda: listens(serve_port(exporting)), "the figures")
    process = exporting.parts.pop("serve")
    family = descendants(process.pid)
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    try:
        eventually(lambda: not listens(serve_port(exporting)), "the end of the teller")
    finally:
        for pid in filter(alive, family):
            os.kill(pid, signal.SIGKILL)


def test_shared_limits_work_with_and_without_valkey(parts: Installation) -> None:
    """Two workers count the requests of a network in Valkey. Without Valkey, each counts for itself."""
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
        numbers = count()

        def visit() -> int:
            return parts.browser().post("/", {"email": f"v{next(numbers)}@vote.example"}).status

        # The number of requests before the first refusal depends on the minute.
        eventually(lambda: visit() == 429, "a request turned away")

        server.kill()
        assert {visit() for _ in range(20)} == {200}
        eventually(lambda: visit() == 429, "a request turned away by one worker")
        eventually(lambda: figures(port)["retrouve_network_store_failures_total",] > 0, "a trouble counted")
        assert figures(port)["retrouve_refusal_pages_total", "too-many-requests"] == 2
