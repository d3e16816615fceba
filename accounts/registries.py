"""What higher apps tell accounts: whose account cannot be closed yet. Filled in their `AppConfig.ready()`."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass

from cms.registries import Registry


@dataclass(frozen=True)
class NeededAccounts:
    """One app's answer to: would something be left without a person if these accounts were all closed?

    `why` says by the id of each person who is needed what has to happen first. It is asked in the transaction
    that closes them, and locks what it asks.
    """

    name: str
    why: Callable[[Collection[int]], Mapping[int, str]]


needed_accounts: Registry[NeededAccounts] = Registry()
