"""Tokens, digests, encryption, pseudonyms, security codes and voting identifiers."""
