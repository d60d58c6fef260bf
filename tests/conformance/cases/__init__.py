"""The conformance cases, with one file for each subject. README.md explains their numbers."""
