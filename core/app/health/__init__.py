"""Whether an election and its hosts can serve voters: the readiness of a host, and the sentences of `retrouve doctor`."""
