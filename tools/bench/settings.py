"""Production settings with the demo's data in them: production itself refuses to start with demo people."""

from cms.settings.production import *
from cms.settings.production import INSTALLED_APPS, MIDDLEWARE

IS_PRODUCTION = False
INSTALLED_APPS = ["demo", *INSTALLED_APPS]
EMAIL_BACKEND = "demo.mailbox.MailboxBackend"
MIDDLEWARE = ["tools.bench.site.QueryCountMiddleware", *MIDDLEWARE]
ROOT_URLCONF = "tools.bench.site"
