"""The journal made tamper-evident: every line in one hash chain, and signed checkpoints of it that outsiders keep.

What is hashed and signed can be checked without this software: `hash_chain` and `checkpoints` say how, byte for byte.
"""
