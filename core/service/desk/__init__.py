"""The agents' desk: who is on duty, whom they find, what they see of a case, and the few acts that are theirs."""
