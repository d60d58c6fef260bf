"""The model of a flow: steps, fields, parsers, and refusals."""
