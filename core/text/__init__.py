"""Sentences, their translations, and the words that faces show around steps."""
