"""Work of the events app that leaves the process. Each task may run twice and does its thing once."""

from django_tasks import task


@task()
def mail_place(signup_id: int) -> None:
    """Send somebody the confirmation of a place with a new private link."""
