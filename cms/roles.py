"""The staff's roles. Each is a Django group; what it may do, the apps say in `role_permissions`."""

from django.utils.translation import gettext_lazy as _

EDITOR = "editor"
MODERATOR = "moderator"
EVENTS = "events"
FINANCE = "finance"
MATCHMAKER = "matchmaker"
BOARD = "board"
ADMINISTRATOR = "administrator"

ROLES = (EDITOR, MODERATOR, EVENTS, FINANCE, MATCHMAKER, BOARD, ADMINISTRATOR)

ROLE_LABELS = {
    EDITOR: _("Editors"),
    MODERATOR: _("Moderators"),
    EVENTS: _("Event organisers"),
    FINANCE: _("Treasurers"),
    MATCHMAKER: _("Matchmakers"),
    BOARD: _("Board members"),
    ADMINISTRATOR: _("Administrators"),
}
"""How the back office calls those who have a role."""

READS_EVERYTHING = frozenset({EDITOR, MODERATOR, ADMINISTRATOR})
"""They edit all pages and documents in the back office, so the gate lets them read these on the site too."""

PAGE_RIGHTS = {
    EDITOR: ("add", "change", "publish"),
    MODERATOR: ("add", "change", "publish", "lock", "unlock", "bulk_delete"),
    ADMINISTRATOR: ("add", "change", "publish", "lock", "unlock", "bulk_delete"),
}
"""On all pages. Other roles have their own kinds of page only (`RolePermissions.page_types`)."""

OWN_PAGE_RIGHTS = ("add", "change", "publish")

FILE_RIGHTS = {
    EDITOR: ("add", "change", "choose"),
    MODERATOR: ("add", "change", "delete", "choose"),
    ADMINISTRATOR: ("add", "change", "delete", "choose"),
    EVENTS: ("add", "choose"),
    MATCHMAKER: ("add", "choose"),
    BOARD: ("add", "choose"),
}
"""On images and documents in every collection; who may add one may change what is their own."""

COLLECTION_RIGHTS = {MODERATOR: ("add", "change"), ADMINISTRATOR: ("add", "change", "delete")}
"""On collections, privacy included."""

KERNEL_GRANTS = {
    EDITOR: ("cms.*_menu", "cms.view_term", "cms.change_term", "wagtail_localize.submit_translation"),
    MODERATOR: (
        "cms.*_menu",
        "cms.*_term",
        "wagtail_localize.submit_translation",
        "wagtailredirects.*_redirect",
    ),
    EVENTS: ("cms.view_term", "wagtail_localize.submit_translation"),
    MATCHMAKER: ("cms.view_term", "wagtail_localize.submit_translation"),
    ADMINISTRATOR: (
        "auth.*_group",
        "cms.*_menu",
        "cms.*_term",
        "cms.*_taskretries",
        "cms.view_outgoingmail",
        "cms.view_periodicrun",
        "wagtail_localize.submit_translation",
        "wagtailcore.*_locale",
        "wagtailcore.*_site",
        "wagtailcore.*_task",
        "wagtailcore.*_workflow",
        "wagtailredirects.*_redirect",
    ),
}
