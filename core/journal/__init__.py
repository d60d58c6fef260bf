"""The tamper-evident journal: a hash chain over all lines, with signed checkpoints that the electoral board keeps.

Both can be verified without this software. `hash_chain` and `checkpoints` say which bytes are hashed and signed.
"""
