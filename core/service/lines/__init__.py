"""The flows at work: each line shows its steps to a visitor and hands their answers to the use cases."""
