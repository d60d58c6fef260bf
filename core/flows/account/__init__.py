"""Two flows: EV shows a signed-in voter's page, and ST freezes an account."""
