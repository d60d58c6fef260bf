"""`retrouve incident` announces, lists and ends known incidents, and refuses what the list of sentences has not."""

from pathlib import Path

from click.testing import CliRunner, Result

from cli.incident import incident


def run(folder: Path | None, *arguments: str) -> Result:
    """Run the command."""
    where = () if folder is None else ("--dir", str(folder))
    return CliRunner().invoke(incident, [*arguments, *where], catch_exceptions=False)


def test_the_operator_announces_lists_and_ends_an_incident(folder: Path) -> None:
    """The number that the first command prints ends it; what is wrong is said field by field, and announces nothing."""
    assert "mail-returned · Messages refusés par la messagerie (adresses en @…)" in run(None, "sentences").output
    for arguments, why in (
        (("nothing", "--until", "90 min"), "Aucune phrase ne s'appelle « nothing »"),
        (("sms-late", "--domain", "ac-lyon.fr", "--until", "90 min"), "ne va pas avec cette portée"),
        (("mail-late", "--academie", "Lyon", "--until", "90 min"), "Académie : La liste électorale ne nomme"),
        (("mail-late", "--domain", "ac lyon", "--until", "hier"), "Domaine des adresses : "),
        (("desk-busy", "--until", "90 min"), "Minutes d'attente : "),
    ):
        refused = run(folder, "add", *arguments)
        assert (refused.exit_code, why in refused.output) == (1, True), refused.output
    assert run(folder, "list").output == "Aucun incident connu.\n"

    assert "n° 1 " in run(folder, "add", "mail-late", "--domain", "AC-Lyon.fr", "--until", "90 min").output
    assert "déjà annoncé" in run(folder, "add", "mail-late", "--domain", "ac-lyon.fr", "--until", "2 min").output
    assert "Messages en retard (adresses en @ac-lyon.fr). Les messages" in run(folder, "list").output
    assert run(folder, "end", "1").exit_code == 0
    assert "C'est rétabli depuis" in run(folder, "list").output
    again = run(folder, "end", "1")
    assert (again.exit_code, "déjà terminé" in again.output) == (1, True)
