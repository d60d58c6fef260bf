"""Ask the site from outside, as a voter would, and learn from it where it sees us come from."""

import http.client
import json
from collections.abc import Callable
from contextlib import closing
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from cli.checks import DoctorCheckResult, failure_detail, fault, passed, warning
from core.adapters.http_connections import http_connection
from core.adapters.key_vault import KeyFileRefused
from core.adapters.role_key_files import open_vault
from core.app import doctor_site_and_dns_sentences as words
from core.app.settings import Settings
from core.security.doctor_request_header import HEADER, SEEN, doctor_header
from core.security.roles_holding_keys import ProgramKeyRole

LONGEST_WAIT_SECONDS = 5
LARGEST_ANSWER = 4096


def ask_what_site_sees(site: str, header: str) -> dict[str, Any] | None:
    """Return what the site of that address sees of this visitor; None when it does not know us. Raises OSError, HTTPException."""
    with closing(http_connection(urlsplit(site), LONGEST_WAIT_SECONDS)) as line:
        line.request("GET", "/healthz", headers={HEADER: header})
        answer = line.getresponse().read(LARGEST_ANSWER)
    try:
        told = json.loads(answer)
    except ValueError:
        return None
    seen = told.get(SEEN) if isinstance(told, dict) else None
    return seen if isinstance(seen, dict) and {"network", "forwarded", "declared"} <= set(seen) else None


def check_client_address_seen(
    settings: Settings,
    folder: Path,
    now: datetime,
    ask_site_view: Callable[[str, str], dict[str, Any] | None] = ask_what_site_sees,
) -> tuple[DoctorCheckResult, ...]:
    """Check that the site tells visitors apart. Report nothing without keys, which another check reports."""
    site = {"site": settings.election.site}
    try:
        header = doctor_header(open_vault(folder, ProgramKeyRole.OPERATOR, command=settings.key_command), now)
        seen = ask_site_view(settings.election.site, header)
    except KeyFileRefused:
        return ()
    except (OSError, http.client.HTTPException) as failure:
        return (warning(words.OUTSIDE, words.SITE_AWAY.fill({**site, **failure_detail(failure)}), words.CHECK_SITE),)
    if seen is None:
        return (warning(words.OUTSIDE, words.SITE_STRANGE.fill(site), words.CHECK_SITE),)
    return (_judged(site, seen, encrypted=settings.election.site.startswith("https:")),)


def _judged(site: dict[str, str], seen: dict[str, Any], *, encrypted: bool) -> DoctorCheckResult:
    if seen["forwarded"] and not seen["declared"]:
        return fault(words.OUTSIDE, words.PROXY_UNDECLARED, words.DECLARE_PROXY)
    if encrypted and not seen["forwarded"]:  # the service speaks no TLS: somebody stands before it
        return fault(words.OUTSIDE, words.PROXY_SILENT, words.LET_PROXY_TELL)
    return passed(words.OUTSIDE, words.SITE_SEES.fill({**site, "network": str(seen["network"])}))
