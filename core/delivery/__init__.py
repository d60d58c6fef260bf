"""Sends emails and text messages, and records the results."""
