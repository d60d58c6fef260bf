"""The voters' site. A view parses, calls one use case and draws; it holds no rule and no sentence."""
