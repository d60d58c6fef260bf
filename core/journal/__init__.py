"""The tamper-evident journal: a hash chain of all lines, with signed checkpoints that the electoral board keeps."""
