"""Where files lie: in folders of DATA_DIR, or in a private bucket.

The default storage is private: no web server shows it, documents and original images leave it through views
that ask the gate. Only renditions are public, and they have a storage of their own.
"""

import mimetypes
from pathlib import Path

import font_hanken_grotesk

from cms.settings.env import BASE_DIR, DATA_DIR, env

STATIC_URL = "/static/"
STATIC_ROOT = DATA_DIR / "static"
FONT_DIR = Path(font_hanken_grotesk.font_directory)
STATICFILES_DIRS = [BASE_DIR / "static", ("fonts", FONT_DIR)]
MEDIA_URL = "/media/"
MEDIA_ROOT = DATA_DIR / "media"
PRIVATE_URL = "/private/"  # accounts.file_urls shows what staff may see of it

# The names are django-storages' and Amazon's own. The first one switches the bucket on.
AWS_STORAGE_BUCKET_NAME = env.str("AWS_STORAGE_BUCKET_NAME", default="")
AWS_S3_ENDPOINT_URL = env.str("AWS_S3_ENDPOINT_URL", default="")
AWS_S3_REGION_NAME = env.str("AWS_S3_REGION_NAME", default="")
AWS_ACCESS_KEY_ID = env.str("AWS_ACCESS_KEY_ID", default="")
AWS_SECRET_ACCESS_KEY = env.str("AWS_SECRET_ACCESS_KEY", default="")

FOLDERS = {
    "default": {
        "BACKEND": "django.core.files.storage.FileSystemStorage",
        "OPTIONS": {"location": str(DATA_DIR / "private"), "base_url": PRIVATE_URL},
    },
    "renditions": {
        "BACKEND": "django.core.files.storage.FileSystemStorage",
        "OPTIONS": {"location": str(MEDIA_ROOT), "base_url": MEDIA_URL},
    },
}
BUCKET = {
    "default": {
        "BACKEND": "cms.gateways.bucket.BucketStorage",
        "OPTIONS": {"location": "private", "base_url": PRIVATE_URL},
    },
    "renditions": {
        "BACKEND": "cms.gateways.bucket.BucketStorage",
        "OPTIONS": {"location": "media", "base_url": MEDIA_URL},
    },
}
STORAGES = {
    **(BUCKET if AWS_STORAGE_BUCKET_NAME else FOLDERS),
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}

WAGTAILIMAGES_RENDITION_STORAGE = "renditions"
WAGTAILIMAGES_IMAGE_MODEL = "cms.SiteImage"
WAGTAILIMAGES_FORMAT_CONVERSIONS = {"avif": "webp", "bmp": "webp", "png": "webp", "jpeg": "webp"}
mimetypes.add_type("image/webp", ".webp")  # Python learns it from the system, and not every system knows
WAGTAILDOCS_DOCUMENT_MODEL = "cms.SiteDocument"
WAGTAILDOCS_SERVE_METHOD = "serve_view"
WAGTAILDOCS_EXTENSIONS = ["csv", "docx", "odt", "pdf", "pptx", "rtf", "txt", "xlsx", "zip"]
WAGTAILDOCS_MAX_UPLOAD_SIZE = 25 * 1024 * 1024
WAGTAILDOCS_PRIVATE_COLLECTION_OPTIONS = {"SHARED_PASSWORD": False}
