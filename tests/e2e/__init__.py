"""Tests of the product in a browser, as voters use it."""
