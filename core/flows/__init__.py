"""The recovery flows, one folder each, and the code that they share."""
