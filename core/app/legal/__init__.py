"""The pages that the law requires, and other pages with a fixed text."""
