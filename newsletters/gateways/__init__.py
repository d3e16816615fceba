"""The outside services that the newsletter speaks to, one module each."""
