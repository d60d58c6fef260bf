"""The rules of Retrouve. Knows no web, terminal, site or mail library (ARCHITECTURE.md)."""
