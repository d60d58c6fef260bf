"""Two flows: the page of a signed-in voter (EV), and freezing an account (ST)."""
