"""The MP flow: a voter chooses a new password through an emailed link."""
