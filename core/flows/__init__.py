"""The recovery flows, one per folder, and their shared code."""
