"""Requests to the desk through the site, for voters who cannot telephone."""
