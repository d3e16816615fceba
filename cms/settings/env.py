"""Reads the environment, once, with the type of each variable. docs/configuration.md explains them all."""

from pathlib import Path

import environ

BASE_DIR = Path(__file__).resolve().parent.parent.parent

env = environ.Env()
environ.Env.read_env(BASE_DIR / ".env")

DATA_DIR = Path(env.str("DATA_DIR", default=str(BASE_DIR / "var")))
"""Everything the platform writes to disk: database, private files, public renditions, stamps."""
