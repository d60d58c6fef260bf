"""The recovery flows, one per folder, and the code that they share."""
