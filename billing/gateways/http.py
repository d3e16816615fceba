"""One HTTP request of a gateway: bounded in time and size, following no redirect, its answer as text."""

from collections.abc import Mapping
from itertools import islice
from typing import Any

import requests

CHUNK, LONGEST_ANSWER = 65_536, 1_048_576


class NoAnswer(Exception):
    """Nothing came back, or it broke off; the message is the kind of failure ("ReadTimeout")."""


def fetch(
    method: str, url: str, *, json: Any = None, headers: Mapping[str, str], timeout: float
) -> tuple[int, str]:
    """Return status and text of an answer, of which at most LONGEST_ANSWER bytes are read.

    `timeout` is in seconds: for the connection, and for each part of the answer. Raises NoAnswer.
    """
    try:
        with requests.request(
            method,
            url,
            json=json,
            headers={"Accept": "application/json", **headers},
            timeout=timeout,
            allow_redirects=False,
            stream=True,
        ) as answer:
            read = b"".join(islice(answer.iter_content(CHUNK), LONGEST_ANSWER // CHUNK))
    except requests.RequestException as error:
        raise NoAnswer(type(error).__name__) from error
    return answer.status_code, read.decode(errors="replace")
