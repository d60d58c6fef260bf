"""The terminal application for helpdesk agents. It contains no rules of its own."""
