"""Speaks to outside services, a module a service."""
