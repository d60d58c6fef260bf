"""The tamper-evident journal: a hash chain with signed checkpoints."""
