"""What a password is held against, said in our words."""

from django.contrib.auth.password_validation import UserAttributeSimilarityValidator
from django.utils.translation import gettext as _


class PersonalPasswordValidator(UserAttributeSimilarityValidator):
    """Django's, whose help leaves unsaid which "other personal information" it means."""

    def get_help_text(self) -> str:
        """Return the line beside the field."""
        return _("Your password must not look too much like your name or e-mail address.")
