"""The parts that only a demonstration has: a mailbox, a telephone, fictional voters and agents."""
