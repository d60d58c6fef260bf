"""The readiness check of a host, and the sentences of the command `retrouve doctor`."""
