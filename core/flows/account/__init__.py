"""Two flows: EV shows the page of a signed-in voter, and ST freezes an account."""
