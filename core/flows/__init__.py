"""The flows, as values: one file each. No step code and no flow name stands outside this folder and the tests."""
