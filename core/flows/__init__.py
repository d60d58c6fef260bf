"""The recovery flows, one folder each, and what all of them share."""
