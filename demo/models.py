"""The demo's mailbox: what the platform would have mailed, to read on a page."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class StoredMail(models.Model):
    """One mail as it would have gone out."""

    recipients = models.TextField(_("to"))
    sender = models.CharField(_("from"), max_length=250)
    subject = models.CharField(_("subject"), max_length=250)
    text = models.TextField(_("text"), blank=True)
    html = models.TextField(_("html"), blank=True)
    headers = models.JSONField(_("headers"), default=dict, blank=True)
    stored_at = models.DateTimeField(_("stored at"), auto_now_add=True)

    class Meta:
        verbose_name = _("e-mail of the demo")
        verbose_name_plural = _("e-mail of the demo")
        ordering = ("-stored_at", "-pk")

    def __str__(self) -> str:
        return self.subject


class StoredFile(models.Model):
    """A file that came with a mail."""

    mail = models.ForeignKey(StoredMail, on_delete=models.CASCADE, related_name="files")
    name = models.CharField(_("name"), max_length=250)
    media_type = models.CharField(_("type"), max_length=100)
    content = models.BinaryField(_("content"))

    class Meta:
        verbose_name = _("file of an e-mail of the demo")
        verbose_name_plural = _("files of e-mails of the demo")
        ordering = ("pk",)

    def __str__(self) -> str:
        return self.name

    @property
    def kind(self) -> str:
        """The extension of its name."""
        return self.name.rpartition(".")[2]
