"""The flows EV, the page of a signed-in voter, and ST, which freezes an account."""
