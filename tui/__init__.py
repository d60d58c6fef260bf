"""The terminal application for helpdesk agents. It shows data and calls use cases, and contains no rules of its own."""
