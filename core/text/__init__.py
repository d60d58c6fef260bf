"""Sentences before their language is chosen, their translations, and the words that faces print around steps."""
