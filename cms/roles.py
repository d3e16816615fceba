"""The staff's roles. Each is a Django group; what it may do, the apps say in `role_permissions`."""

EDITOR = "editor"
MODERATOR = "moderator"
EVENTS = "events"
FINANCE = "finance"
MATCHMAKER = "matchmaker"
BOARD = "board"
ADMINISTRATOR = "administrator"

ROLES = (EDITOR, MODERATOR, EVENTS, FINANCE, MATCHMAKER, BOARD, ADMINISTRATOR)

READS_EVERYTHING = frozenset({EDITOR, MODERATOR, ADMINISTRATOR})
"""They edit all pages and documents in the back office, so the gate lets them read these on the site too."""
