"""Work of memberships that leaves the process. Every task may run twice without harm."""

from django.utils import timezone
from django_tasks import task

from membership.operations.invitations import answer_request


@task()
def answer_colleague(email: str, language: str) -> None:
    """Answer by mail who asked to join colleagues: here, so that the time of the page tells nothing."""
    answer_request(email=email, language=language, at=timezone.now())
