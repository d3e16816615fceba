"""Reads what the bank tells. Pure: no Django, no database, no clock."""
