"""Templates of pages and messages and the design system, found as package data."""
