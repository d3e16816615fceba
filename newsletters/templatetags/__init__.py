"""Tags of the newsletter."""
