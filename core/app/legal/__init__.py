"""The legal pages, and the other pages of fixed text."""
