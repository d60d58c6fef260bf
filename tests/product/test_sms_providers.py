"""The programs send through the preset of a provider, which reports to the site as its documentation says."""

import json
import threading
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import parse_qs

from core.adapters.http_client import HttpClient, HttpRequest
from tests.conformance.identifier_walk import IdentifierWalk
from tests.conformance.product import CODE, IDENTIFIER, Product
from tests.support.http_provider import Heard, Says, http_provider
from tests.support.product import eventually, installation
from tests.support.sms_providers import ACCOUNT, PROVIDERS, SECRET, twilio


@dataclass
class Texts:
    """The SMS that the provider took. Each is reported as delivered, by another thread as in reality."""

    received: list[str] = field(default_factory=list)
    statuses: list[int] = field(default_factory=list)

    def answer(self, heard: Heard) -> Says:
        says = twilio(heard)
        if says.status == 201:
            fields = parse_qs(heard.body.decode())
            self.received.append(fields["Body"][0])
            threading.Thread(target=self.report, args=(fields["StatusCallback"][0],)).start()
        return says

    def report(self, url: str) -> None:
        with closing(HttpClient(30)) as client:
            for report in PROVIDERS[0].reports(url)[:2]:
                request = HttpRequest(method="POST", url=url, headers=report.headers, body=report.body)
                self.statuses.append(client.send(request).status)


@dataclass
class WalkWithProvider(IdentifierWalk):
    texts: Texts = field(default_factory=Texts)

    def codes(self) -> list[str]:
        return [found[0] for text in self.texts.received if (found := CODE.search(text)) is not None]

    def identifiers(self) -> list[str]:
        return [found[0] for text in self.texts.received if (found := IDENTIFIER.search(text)) is not None]


def test_a_reissue_through_twilio(tmp_path: Path) -> None:
    """The code and the identifier are sent, and both signed reports arrive."""
    texts = Texts()
    with http_provider(texts.answer) as provider, installation(tmp_path / "election") as parts:
        gateway = {
            "preset": "twilio",
            "secret_file": "twilio.secret",
            "sender": "Elections",
            "values": {"account": ACCOUNT},
            "request": {"url": provider.url + PROVIDERS[0].path},
        }
        (parts.folder / "twilio.secret").write_text(SECRET)
        parts.variables["RETROUVE_SMS__GATEWAYS"] = json.dumps([gateway])
        parts.start_product()
        product = Product(url=parts.site)
        walk = WalkWithProvider(
            product, product.take_unused_voter(), product.browser(), product.new_phone(), texts=texts
        )

        walk.go_to_step("ID-5")

        assert len(walk.codes()) == len(walk.identifiers()) == 1
        eventually(lambda: texts.statuses == [202] * 4, "four reports")
        parts.settled()  # the courier records its success after the reports
        acts = [act for act, _ in parts.events(str(walk.current_page.case))]
        assert acts.count("sms-accepted") == 2
        assert acts.count("sms-reported") == 4
