"""Take the help's pictures: walk the real application in Chromium, photograph it, number it in a gutter."""


class PictureRefused(Exception):
    """A picture cannot be taken or would be untrue, so the help is not built. The message is for the operator."""
