"""The helpdesk's use cases."""
