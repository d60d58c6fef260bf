from datetime import datetime, timedelta

from core.text.faces import demo_cli_sentences as words
from core.text.text import Language
from core.text.translation import translate
from demo.fictional_voters import ACADEMIES

BEFORE, UNTIL_VOTE, UNTIL_CLOSE = timedelta(days=1), timedelta(days=7), timedelta(days=14)
MORNING, EVENING = 9, 17
"""Hours at which the vote opens and closes."""
GATEWAY_ADDRESS = "http://127.0.0.1:13013/"
"""Placeholder for the SMS gateway's address in the settings file."""
SETTINGS = """\
# Fictional election of `retrouve demo`. Each start of the demo sets the ports and the site's address.
demo = true

[election]
name = "{name}"
site = "http://127.0.0.1:8000"
vote_site = "https://www.vote.example/elections"
recovery_opens = {recovery_opens:%Y-%m-%dT%H:%M:%S}
vote_opens = {vote_opens:%Y-%m-%dT%H:%M:%S}
vote_closes = {vote_closes:%Y-%m-%dT%H:%M:%S}

[desk]
phone = "01 99 00 12 34"
hours = "{hours}"
hours_english = "{hours_english}"
email = "assistance@vote.example"
public_email = "ecrire@vote.example"
text_relay = "https://relais.vote.example"

[legal]
publisher = "Ministère de l'Exemple"
publisher_address = "1 rue de l'Exemple, 75000 Paris"
director = "Camille Exemple, secrétaire générale"
hosting = "Hébergeur Exemple, 2 rue de l'Exemple, 75000 Paris, 01 99 00 56 78"
data_officer = "dpd@vote.example"
legal_text = "décret n° 2011-595 du 26 mai 2011"
declared_on = {recovery_opens:%Y-%m-%d}
accessibility_contact = "accessibilite@vote.example"

[board]
email = "bureau@vote.example"

[mail]
sender = "{sender} <ne-pas-repondre@vote.example>"

[[mail.relays]]
host = "127.0.0.1"
port = 2525
tls = "none"

[policy]
code_call_after_seconds = 120

[sms]
inbound_secret_file = "{secret}"

[[sms.gateways]]
url = "http://127.0.0.1:13013/cgi-bin/sendsms"
username = "retrouve"
password_file = "{secret}"
sender = "38000"

[[sms.gateways]]
name = "voice"
secret_file = "{secret}"
sender = "38000"

[sms.gateways.request]
url = "http://127.0.0.1:13013/sms"
auth = "bearer"
json = {{ number = "{{number}}", text = "{{text}}", report = "{{report_url}}?status=%d" }}

[sms.gateways.report]
delivered = "status == '1'"
failed = "contains(['2', '16'], status)"

[sms.gateways.call]
url = "http://127.0.0.1:13013/call"
caller = "38000"
json = {{ number = "{{number}}", text = "{{spoken}}", report = "{{report_url}}?status=%d" }}

[sms.gateways.call.report]
delivered = "status == '1'"
failed = "status == '2'"
no_answer = "status == 'no-answer'"
"""

MAILBOX = """
[[academies]]
name = "{name}"
webmail = "https://webmail.{domain}"
support = "01 99 00 90 00, de 8 h à 18 h"
"""


def demo_election_toml(now: datetime, *, secret: str) -> str:
    """Return the demo's settings as TOML. `secret` is the name of the gateway's secret file."""
    hour = now.replace(minute=0, second=0, microsecond=0)
    return SETTINGS.format(
        secret=secret,
        name=translate(words.ELECTION, Language.FRENCH),
        sender=translate(words.SENDER, Language.FRENCH),
        hours=translate(words.DESK_HOURS, Language.FRENCH),
        hours_english=translate(words.DESK_HOURS, Language.ENGLISH),
        recovery_opens=hour - BEFORE,
        vote_opens=(hour + UNTIL_VOTE).replace(hour=MORNING),
        vote_closes=(hour + UNTIL_CLOSE).replace(hour=EVENING),
    ) + "".join(MAILBOX.format(name=name, domain=academie.domain) for name, academie in ACADEMIES.items())
