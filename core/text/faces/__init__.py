"""Text for pages, screens and commands. The text of the flows' steps is in `core.flows`."""
