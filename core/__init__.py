"""The rules of Retrouve, independent of any web, terminal or email library (see ARCHITECTURE.md)."""
