"""The voters' web site. Each view parses a request, calls one use case and renders a page."""
