"""The facts that pages and messages tell of an election, and the paths of its site."""
