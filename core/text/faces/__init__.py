"""Sentences of pages, screens and commands. The sentences of a step are in its flow instead."""
