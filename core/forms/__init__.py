"""Defines the parts of a recovery flow: steps, form fields, parsers and error messages."""
