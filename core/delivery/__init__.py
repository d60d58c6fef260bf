"""Sends emails and text messages, and records whether each one was sent."""
