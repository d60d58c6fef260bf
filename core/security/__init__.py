"""Tokens, digests, sealing, pseudonyms, security codes and voting identifiers."""
