"""The kernel's own views, a module a subject."""
