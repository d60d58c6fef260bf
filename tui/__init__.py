"""The agents' terminal. Screens draw and call use cases; rules, limits and sentences are in the core."""
