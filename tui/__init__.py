"""The terminal application for helpdesk agents. Screens show data and call use cases; rules and texts are in `core`."""
