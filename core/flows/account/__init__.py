"""The voter space (EV) and the link that freezes an account (ST)."""
