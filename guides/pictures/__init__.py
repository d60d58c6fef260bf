"""The help's pictures: the real application walked in Chromium, photographed, numbered in a gutter."""
