"""The readiness of a host, and the sentences of `retrouve doctor`."""
