"""The security headers, all in one place: what a page may load, where its forms may go, who may frame it.

Public pages load nothing but what this site serves, and carry no script or style of their own (no nonce is
needed, so that the page cache can keep them). The back office is Wagtail's and gets what Wagtail needs.
"""

from urllib.parse import urlsplit

from csp.constants import NONE, SELF, UNSAFE_INLINE

LOOPBACK = ("localhost", "127.0.0.1")
CHECKOUT = "https://checkout.stripe.com"


def public_policy(stripe_api_base: str) -> dict[str, list[str]]:
    """Return the directives of public pages. A payment stand-in on this machine may be sent to as well.

    Its page may call this machine otherwise than its API does.
    """
    stand_in = urlsplit(stripe_api_base)
    checkouts = [CHECKOUT]
    if stand_in.netloc and stand_in.hostname != "api.stripe.com":
        hosts = [stand_in.netloc]
        if stand_in.hostname in LOOPBACK:
            hosts = [stand_in.netloc.replace(stand_in.hostname, name) for name in LOOPBACK]
        checkouts += [f"{stand_in.scheme}://{host}" for host in hosts]
    return {
        "default-src": [SELF],
        "img-src": [SELF, "data:"],
        "object-src": [NONE],
        "base-uri": [SELF],
        "frame-ancestors": [SELF],
        # Browsers apply this to the redirect after a form too.
        "form-action": [SELF, *checkouts],
    }


ADMIN_DIRECTIVES: dict[str, list[str]] = {
    "script-src": [SELF, UNSAFE_INLINE],
    "style-src": [SELF, UNSAFE_INLINE],
    "img-src": [SELF, "data:", "blob:"],
    "form-action": [SELF],
}
"""What the back office (and the previews in it) has otherwise: Wagtail 8 still starts its panels and
choosers by scripts and styles in the page. It needs no eval and nothing from elsewhere."""

PERMISSIONS_POLICY = ", ".join(
    [
        *(
            f"{feature}=()"
            for feature in (
                "browsing-topics", "camera", "display-capture", "geolocation", "gyroscope", "magnetometer",
                "microphone", "midi", "payment", "usb", "xr-spatial-tracking",
            )
        ),
        "publickey-credentials-get=(self)",
        "publickey-credentials-create=(self)",
    ]
)  # fmt: skip
