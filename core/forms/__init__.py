"""Defines what a recovery flow consists of: steps, form fields, parsers and error messages."""
