"""The public site's own page types."""

from home.models.contact import ContactFormField, ContactPage
from home.models.news import ArticlePage, NewsIndexPage
from home.models.pages import ContentPage, HomePage
from home.models.people import PeoplePage, Person

__all__ = [
    "ArticlePage",
    "ContactFormField",
    "ContactPage",
    "ContentPage",
    "HomePage",
    "NewsIndexPage",
    "PeoplePage",
    "Person",
]
