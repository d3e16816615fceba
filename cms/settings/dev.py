"""`make run`: the demo on this machine. No key, no server, and every mail on a page."""

from cms.settings.base import *
from cms.settings.base import INSTALLED_APPS, STRIPE_SECRET_KEY, env

# Off unless asked for: a newcomer should meet the platform's own 404, not Django's.
DEBUG = env.bool("DEBUG", default=False)
WHITENOISE_USE_FINDERS = WHITENOISE_AUTOREFRESH = True
SECRET_KEY = env.str("SECRET_KEY", default="only-for-the-demo-on-this-machine")
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=["localhost", "127.0.0.1", "[::1]", ".localhost"])
INSTALLED_APPS = ["demo", *INSTALLED_APPS]
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = True  # passkeys on http://localhost
if not env.str("EMAIL_URL", default=""):
    EMAIL_BACKEND = "demo.mailbox.MailboxBackend"
# A page for who works on the platform: with DEBUG, or where a tool that looks at it asks for it.
STYLE_GUIDE = env.bool("STYLE_GUIDE", default=DEBUG)
if not STRIPE_SECRET_KEY:
    # Without a key the demo plays Stripe itself: pages under /demo/stripe/, plainly marked.
    STRIPE_SECRET_KEY, STRIPE_WEBHOOK_SECRET = "sk_test_demo", "whsec_demo"
    STRIPE_API_BASE = f"http://localhost:{env.str('PORT', default='8000')}/demo/stripe"
