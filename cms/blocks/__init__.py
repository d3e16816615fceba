"""Content blocks that know nothing of the business. Apps with blocks of their own keep them in their `blocks.py`."""

from cms.blocks.content import BodyBlock, LinkBlock

__all__ = ["BodyBlock", "LinkBlock"]
