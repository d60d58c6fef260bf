"""Sentences of pages, screens and commands. Sentences about the steps of a flow are in `core.flows`."""
