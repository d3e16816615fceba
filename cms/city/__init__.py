"""The motif of the house: the layered city, drawn from a page's layers and domains. No Django here."""

from cms.city.drawing import draw_city

__all__ = ["draw_city"]
