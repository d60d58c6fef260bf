"""The voters' web site. Each view calls one use case and renders a page."""
