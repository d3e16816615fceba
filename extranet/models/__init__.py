"""The member zone's pages."""

from extranet.models.pages import LibraryPage, MemberHomePage

__all__ = ["LibraryPage", "MemberHomePage"]
