"""Content blocks that know nothing of the business; other blocks live in their app's `blocks.py`."""

from cms.blocks.content import BodyBlock, LinkBlock

__all__ = ["BodyBlock", "LinkBlock"]
