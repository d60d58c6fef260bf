"""The use cases of the helpdesk."""
