"""The agents' terminal. A screen draws and calls one use case; it holds no rule, no limit and no sentence."""
