"""Keeps tokens out of the logs: in an address, what follows /l/ or opens an account is blotted out."""

import logging
import re

SECRET = re.compile(
    r"((?:/|%2F)(?:l|reset(?:/|%2F)key|confirm-email|webhooks(?:/|%2F)mailchimp)(?:/|%2F))[^/\s\"'?&%]+",
    re.IGNORECASE,
)
"""Also where an address stands within another, as that to come back to after the log-in."""
BLOT = r"\1[private]"


class HideTokens(logging.Filter):
    """Rewrites each record; never drops one."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Blot the tokens out of the message, its arguments and the stack of an error."""
        message = record.getMessage()
        hidden = SECRET.sub(BLOT, message)
        if hidden != message:
            record.msg, record.args = hidden, None
        if record.exc_info and not record.exc_text:
            record.exc_text = logging.Formatter().formatException(record.exc_info)
        if record.exc_text:
            record.exc_text = SECRET.sub(BLOT, record.exc_text)
        return True
