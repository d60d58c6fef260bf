"""The terminal application for helpdesk agents. It shows data and calls use cases, but contains no rules."""
