"""The vocabulary of a flow: steps, fields, parsers, and the refusals that a person can read."""
