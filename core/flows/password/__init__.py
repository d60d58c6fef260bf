"""The flow MP: a voter chooses a new password through a mailed link."""
