"""The recovery flows, one per folder, and the code that all of them share."""
