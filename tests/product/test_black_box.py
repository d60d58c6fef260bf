"""The conformance cases use nothing of the product, test other products over https too, and fail wrong products."""

import re
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

from tests.conformance.html_page import HtmlPage
from tests.conformance.product import ReceivedMessage
from tests.product.proxy import ChangeAnswer, proxied
from tests.support.product import Installation, judged
from tests.support.product.processes import ROOT

PRODUCT = {"cli", "core", "demo", "guides", "templates", "tests.bench", "tests.support", "tui", "webhook"}
LOADED = """
import pkgutil, sys, tests.conformance
for module in pkgutil.walk_packages(tests.conformance.__path__, "tests.conformance."):
    __import__(module.name)
print(*sys.modules)
"""


def tells_who_is_unknown(page: HtmlPage) -> HtmlPage:
    """Add a word to each page that repeats an address that is not on the roll."""
    return replace(page, body=page.body + " inconnue" * ("zq@" in page.body))


def lets_the_link_leave(page: HtmlPage) -> HtmlPage:
    """Allow browsers to send the address of the page to other sites."""
    return replace(page, headers=[(name, value) for name, value in page.headers if name != "referrer-policy"])


def forgets_the_case(page: HtmlPage) -> HtmlPage:
    """Remove the case number from each page."""
    return replace(page, body=re.sub('<meta name="case"[^>]*>', "", page.body))


WRONG: dict[str, ChangeAnswer] = {
    "test_case_1_unknown_address_gets_what_a_known_one_gets": tells_who_is_unknown,
    "test_case_19_token_is_in_no_page_redirect_or_clear_cookie": lets_the_link_leave,
    "test_forgotten_password_is_walked_by_forms_alone": forgets_the_case,
}


def test_any_products_html_is_read() -> None:
    """HTML with capital names, ">" in an attribute, and inputs after their form is read. Comments are ignored."""
    page = HtmlPage(
        200,
        [],
        """<HTML LANG=fr><META CONTENT="X-1" NAME="step"><!-- <form action="/no"><meta name="case" content="no"> -->
        <SCRIPT>"<form action='/no'></form>"</SCRIPT>
        <FORM ACTION="/go" title="a > b"><INPUT NAME="kept" VALUE="1 > 0"></FORM><input name="late" value="2">""",
    )

    assert (page.language, page.step, page.case) == ("fr", "X-1", None)
    assert [(form.action, form.inputs) for form in page.forms] == [("/go", {"kept": "1 > 0", "late": "2"})]


def test_a_link_that_looks_like_a_step_code_does_not_hide_the_step() -> None:
    text = "http://127.0.0.1/lien/-aMhHI5-GT-6-fqZhgVwjFenurNtIS9uPBUPs_tQQ0I\n\n- Étape MP-5, étape 5 sur 7"
    mail = ReceivedMessage(id="1", channel="email", to="", subject="", text=text, html="", at="", status="")

    assert mail.step == "MP-5"


def test_the_black_box_loads_nothing_of_the_product() -> None:
    """The modules of the conformance cases load no module of the product."""
    loaded = subprocess.run([sys.executable, "-c", LOADED], cwd=ROOT, capture_output=True, text=True, check=True)

    assert "tests.conformance" in loaded.stdout.split()
    assert PRODUCT & set(loaded.stdout.split()) == set()


def test_a_wrong_product_fails_the_case_of_its_fault(parts: Installation) -> None:
    """A correct site passes, and a site with one fault fails only the case about this fault."""
    faults: dict[str, ChangeAnswer] = {"": lambda page: page, **WRONG}
    now, failed = [""], {}

    def change(page: HtmlPage) -> HtmlPage:
        return faults[now[-1]](page)

    with proxied(parts, change) as address:
        for case in faults:
            now.append(case)
            verdict = judged(address, "--", "-k", " or ".join(WRONG))
            failed[case] = re.findall(r"FAILED \S+::(\w+)", verdict.stdout)

    assert failed == {"": [], **{case: [case] for case in WRONG}}


def test_missing_features_are_named_and_not_judged() -> None:
    """Cases that need a missing feature are not run, and the report names the feature."""
    verdict = judged("http://127.0.0.1:1", "--lacks", "identifier", "--", "--collect-only", "-q")

    _, _, not_judged = verdict.stdout.partition("not judged")
    assert verdict.returncode == 0, verdict.stdout + verdict.stderr
    assert "test_security_code_and_new_identifier.py::test_case_30" in not_judged
    assert "test_recovery_link.py" not in not_judged


def test_an_https_site_has_secure_cookies_and_links(parts: Installation, tmp_path: Path) -> None:
    """On https, cookies are Secure and bound to the host, and links begin with https."""
    certificate = tmp_path / "certificate.pem"

    with proxied(parts, certificate=certificate) as address:
        trusted = {"SSL_CERT_FILE": str(certificate)}
        verdict = judged(address, "--", "-k", "cookies or host_headers or cross_site", variables=trusted)

    assert verdict.returncode == 0, verdict.stdout
    assert " 16 passed, " in verdict.stdout
