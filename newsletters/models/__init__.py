"""Who gets the newsletter, with the proof of each consent, and the page where they ask for it."""

from newsletters.models.pages import NewsletterPage
from newsletters.models.subscription import ConsentEvent, Subscription

__all__ = ["ConsentEvent", "NewsletterPage", "Subscription"]
