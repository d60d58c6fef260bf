"""The agents' terminal: thin. A screen draws and asks one use case; it holds no rule, no limit and no sentence."""
