"""People in the back office: Wagtail's own list and forms, for a user without a username."""

from typing import Any

from wagtail.users.views.users import UserViewSet

from accounts.forms import PersonCreationForm, PersonEditForm


class PersonViewSet(UserViewSet):
    """Staff add people and give them roles; people choose their own password."""

    create_template_name = "accounts/people/create.html"
    edit_template_name = "accounts/people/edit.html"

    def get_form_class(self, for_update: bool = False) -> type[Any]:
        """Return the form with the language and without a password."""
        return PersonEditForm if for_update else PersonCreationForm
