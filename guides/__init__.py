"""The voters' illustrated help: generated from the flows, never written beside them."""
