"""The flow MP: a forgotten password is replaced by a mailed link."""
