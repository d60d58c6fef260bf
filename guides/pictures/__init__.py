"""The help's pictures: the real application walked in Chromium, photographed, numbered in a gutter."""


class PictureRefused(Exception):
    """A picture cannot be taken, or would not be true: the help is not built. The message is for who builds it."""
