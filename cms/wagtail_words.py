"""Words of Wagtail and its packages that we say otherwise in Dutch, for `tools.messages` to collect.

Our catalogues come first, so a text that stands here has our translation in the whole back office. Only
what is wrong or English is here, not what is a matter of taste. A text of ours that Wagtail has too, and that
means something else here, gets a context instead (`tests/cms/test_wagtail_words.py` finds it).
"""

from django.utils.translation import gettext_noop as _

# No Dutch verb, and shown by every list that its filters leave empty.
NOTHING_FOUND = _("No %(model_name)s match your query.")
# Blanks that were forgotten, a dash that came too late.
COUNTS = (
    _("%(start_index)s-%(end_index)s of %(items_count)s %(model_name)s"),
    _(
        "%(start_index)s-%(end_index)s of %(items_count)s %(model_name)s in "
        "'<span class=\"w-title-ellipsis\">%(title)s</span>'."
    ),
)
# Two words for one, or another meaning.
WRITTEN_WRONG = (_("Workflow tasks"), _("Last published by"))
PRIVACY = _("Privacy settings determine who is able to view documents in this collection.")
# Left in English.
ENGLISH = (_("Default?"), _("Default"), _("Content type"))
