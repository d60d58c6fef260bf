"""Sends emails and text messages, and records the result of each one."""
