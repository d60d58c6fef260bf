"""The courier: the worker that decides the asks and sends the messages."""
