"""The voters' illustrated help, generated from the flows."""
