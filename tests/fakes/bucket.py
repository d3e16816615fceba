"""A bucket on the loopback: moto speaks the wire format of S3 over HTTP, to boto3 and to strangers alike."""

import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection
from typing import Any
from urllib.parse import urlsplit

import boto3

from tools.postgres import free_port

SECONDS_TO_START = 60
NAME, REGION, KEY, SECRET = "platform-files", "eu-west-1", "test-key", "test-secret"


@dataclass
class Bucket:
    """The bucket as its owner sees it, beside the platform."""

    url: str
    client: Any

    def names(self) -> list[str]:
        """Return the names of all objects."""
        found = self.client.list_objects_v2(Bucket=NAME).get("Contents", [])
        return [item["Key"] for item in found]

    def read(self, key: str) -> bytes:
        """Return the content of an object."""
        content: bytes = self.client.get_object(Bucket=NAME, Key=key)["Body"].read()
        return content

    def empty(self) -> None:
        """Lose every object."""
        for key in self.names():
            self.client.delete_object(Bucket=NAME, Key=key)

    def status_for_a_stranger(self, key: str) -> int:
        """Return what the service answers somebody without keys."""
        connection = HTTPConnection(urlsplit(self.url).netloc, timeout=10)
        try:
            connection.request("GET", f"/{NAME}/{key}")
            return connection.getresponse().status
        finally:
            connection.close()


@contextmanager
def running_bucket() -> Iterator[Bucket]:
    """Start a service that holds one empty private bucket, in a process of its own."""
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    client = boto3.client(
        "s3",
        endpoint_url=url,
        region_name=REGION,
        aws_access_key_id=KEY,
        aws_secret_access_key=SECRET,
    )
    command = [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(port)]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        wait_until_it_listens(port, process)
        client.create_bucket(Bucket=NAME, CreateBucketConfiguration={"LocationConstraint": REGION})
        yield Bucket(url, client)
    finally:
        client.close()
        process.terminate()
        process.wait(30)


def wait_until_it_listens(port: int, process: "subprocess.Popen[bytes]") -> None:
    """Return once the service takes connections."""
    deadline = time.monotonic() + SECONDS_TO_START
    while time.monotonic() < deadline and process.poll() is None:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
            return
        except OSError:
            time.sleep(0.05)
    raise TimeoutError("the bucket's service does not answer")
