"""The use cases of a new voting identifier, one file a subject."""
