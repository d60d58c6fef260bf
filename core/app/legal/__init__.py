"""The pages that the law asks for, and the other pages of fixed text."""
