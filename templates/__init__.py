"""Templates of pages and messages, and the design system, loaded as package data."""
