"""The bucket of an S3-compatible service. Settings name this module; it is loaded only where a bucket is set.

The bucket is private. No address of it leaves the platform: documents and renditions go through views.
"""

import posixpath
from functools import lru_cache
from typing import Any
from urllib.parse import urljoin

import boto3
from boto3.s3.transfer import TransferConfig
from botocore.config import Config
from django.conf import settings
from django.utils.crypto import get_random_string
from django.utils.encoding import filepath_to_uri
from storages.backends.s3 import S3Storage

BYTES_IN_MEMORY = 1024 * 1024
"""A larger file waits on disk while it is sent: a slow visitor holds neither memory nor connection."""
REGION_OF_OTHERS = "us-east-1"
"""Signatures name a region, also for services that have none; this one is what they expect."""


@lru_cache(maxsize=1)
def connect(*, endpoint_url: str | None, **where_and_who: str) -> Any:
    """Return the service. One for all threads and both storages: each has a model of all that S3 can do."""
    config = Config(
        signature_version="s3v4",
        s3={"addressing_style": "path" if endpoint_url else "auto"},
        # Checksums that older services than Amazon's refuse.
        request_checksum_calculation="when_required",
        response_checksum_validation="when_required",
        connect_timeout=5,
        read_timeout=20,
        retries={"mode": "standard", "total_max_attempts": 3},
    )
    session = boto3.Session()  # Boto3's common one is not made for threads
    return session.resource("s3", endpoint_url=endpoint_url, config=config, **where_and_who)


class BucketStorage(S3Storage):
    """The files under one prefix of the bucket. Each has a folder with a random name, so no name comes back.

    That is why two uploads at the same moment cannot meet, and why a browser may keep a rendition for ever.
    """

    def __init__(self, *, base_url: str, **options: Any) -> None:
        self.base_url = base_url
        super().__init__(**options)

    def get_default_settings(self) -> dict[str, Any]:
        """Return what django-storages reads from the settings, with what holds for every service."""
        return {
            **super().get_default_settings(),
            "default_acl": None,
            "file_overwrite": False,
            "max_memory_size": BYTES_IN_MEMORY,
            "transfer_config": TransferConfig(use_threads=False),
        }

    @property
    def connection(self) -> Any:
        """The one connection of the process."""
        return connect(
            endpoint_url=settings.AWS_S3_ENDPOINT_URL or None,
            region_name=settings.AWS_S3_REGION_NAME or REGION_OF_OTHERS,
            aws_access_key_id=settings.AWS_ACCESS_KEY_ID,
            aws_secret_access_key=settings.AWS_SECRET_ACCESS_KEY,
        )

    def get_available_name(self, name: str, max_length: int | None = None) -> str:
        """Put the file into a folder of its own."""
        folder, file = posixpath.split(name)
        own: str = super().get_available_name(
            posixpath.join(folder, get_random_string(8), file), max_length=max_length
        )
        return own

    def url(self, name: str, *args: Any, **kwargs: Any) -> str:
        """Return the platform's own address of a file, never the bucket's."""
        return urljoin(self.base_url, filepath_to_uri(name))
