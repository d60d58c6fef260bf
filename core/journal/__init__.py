"""The tamper-evident journal: one hash chain over all lines, with signed checkpoints that outsiders keep.

Both can be checked without this software: `hash_chain` and `checkpoints` specify the bytes that are hashed and signed.
"""
