"""The tamper-evident journal: a hash chain over all lines, with signed checkpoints that the electoral board keeps."""
