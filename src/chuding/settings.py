"""Django settings: every choice a deployer makes is an environment variable named CHUDING_*.

Nothing secret stands here. Keys live in the data folder, made at set-up with strict permissions.
"""

from __future__ import annotations

import json
import os
import secrets
import sys
from datetime import timedelta
from pathlib import Path
from urllib.parse import unquote, urlsplit

import django_stubs_ext

from chuding.policy.issuer import issuer_of

try:  # Debian 12's SQLite has the WAL-reset bug (fixed in 3.51.3): take the bundled one where there is a wheel.
    import pysqlite3
    import pysqlite3.dbapi2

    sys.modules["sqlite3"] = pysqlite3
    sys.modules["sqlite3.dbapi2"] = pysqlite3.dbapi2
except ImportError:
    pass

django_stubs_ext.monkeypatch()


def _flag(name: str, default: bool = False) -> bool:
    return os.environ.get(name, "1" if default else "0").strip().lower() in {"1", "true", "yes", "on"}


PACKAGE = Path(__file__).resolve().parent
DATA_FOLDER = Path(os.environ.get("CHUDING_DATA", "data")).resolve()
KEYS_FOLDER = DATA_FOLDER / "keys"
SIGNING_FOLDER = DATA_FOLDER / "signing"
DEMONSTRATION = _flag("CHUDING_DEMONSTRATION")
DEBUG = _flag("CHUDING_DEBUG")


def _secret_key() -> str:
    """The signing key of sessions: from the environment, else made once and kept in the data folder (0600)."""
    if key := os.environ.get("CHUDING_SECRET_KEY"):
        return key
    file = KEYS_FOLDER / "secret.txt"
    KEYS_FOLDER.mkdir(parents=True, exist_ok=True, mode=0o700)
    try:
        descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return file.read_text(encoding="ascii")
    with os.fdopen(descriptor, "w", encoding="ascii") as new:
        new.write(secrets.token_urlsafe(64))
    return file.read_text(encoding="ascii")


SECRET_KEY = _secret_key()
SECRET_KEY_FALLBACKS = [key for key in os.environ.get("CHUDING_SECRET_KEY_FALLBACKS", "").split() if key]


def _clock_offset() -> timedelta | None:
    """How far the demonstration's clock stands from the real one; None outside a demonstration."""
    file = DATA_FOLDER / "clock.json"
    if not DEMONSTRATION or not file.exists():
        return None
    return timedelta(seconds=float(json.loads(file.read_text(encoding="utf-8"))["offset_seconds"]))


CLOCK_OFFSET = _clock_offset()

ALLOWED_HOSTS = os.environ.get("CHUDING_HOSTS", "127.0.0.1 localhost [::1]").split()
# The address that certificates carry in their QR code.
PUBLIC_ADDRESS = os.environ.get("CHUDING_PUBLIC_ADDRESS", "http://127.0.0.1:8000").rstrip("/")
SECURE = PUBLIC_ADDRESS.startswith("https://")

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.forms",
    "django_tasks",
    "chuding.storage.apps.StorageConfig",
    "chuding.jobs.apps.JobsConfig",
    "chuding.ledger.apps.LedgerConfig",
    "chuding.accounts.apps.AccountsConfig",
    "chuding.notices.apps.NoticesConfig",
    "chuding.messages.apps.MessagesConfig",
    "chuding.certificates.apps.CertificatesConfig",
    "chuding.applications.apps.ApplicationsConfig",
    "chuding.decisions.apps.DecisionsConfig",
    "chuding.publishing.apps.PublishingConfig",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "chuding.accounts.middleware.GateMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "chuding.accounts.rare_characters.RareCharactersMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "chuding.accounts.middleware.AccessMiddleware",
    "chuding.accounts.language.LanguageMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]

ROOT_URLCONF = "chuding.urls"
WSGI_APPLICATION = "chuding.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [PACKAGE / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "builtins": ["chuding.accounts.links"],
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "chuding.applications.context.page",
            ],
        },
    },
]
FORM_RENDERER = "chuding.accounts.language.TypedRenderer"


def _database() -> dict[str, object]:
    """SQLite in the data folder, or what CHUDING_DATABASE_URL names (postgresql://user:password@host:port/name)."""
    url = os.environ.get("CHUDING_DATABASE_URL", "sqlite")
    if url == "sqlite":
        return {
            "ENGINE": "chuding.storage.sqlite",
            "NAME": DATA_FOLDER / "chuding.sqlite3",
            "CONN_MAX_AGE": None,
            "OPTIONS": {"transaction_mode": "IMMEDIATE", "timeout": 30},
        }
    parts = urlsplit(url)
    if parts.scheme not in {"postgresql", "postgres"}:
        sys.exit("CHUDING_DATABASE_URL must be `sqlite` or postgresql://user:password@host:port/name")
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": parts.path.lstrip("/"),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": unquote(parts.hostname or ""),
        "PORT": parts.port or "",
        "OPTIONS": {"pool": {"min_size": 2, "max_size": 16, "timeout": 5}},
    }


DATABASES = {"default": _database()}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
TASKS = {"default": {"BACKEND": "chuding.jobs.backend.LeaseBackend"}}

AUTH_USER_MODEL = "accounts.Person"
AUTHENTICATION_BACKENDS = ["chuding.accounts.backends.PersonBackend"]
PASSWORD_HASHERS = ["chuding.accounts.hashers.FrugalArgon2Hasher"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_URL = "sign_in"

# What a public site of the state writes at its foot: who hosts it, its numbers at the registries, each with its address.
REGISTRATIONS = json.loads(os.environ.get("CHUDING_REGISTRATIONS", "[]"))

# The world outside: each is a dotted path and its options; the embedded ones serve the default installation.
SMS_GATEWAY = json.loads(
    os.environ.get("CHUDING_SMS_GATEWAY", "null"),
) or {"class": "chuding.connectors.sms.OutboxGateway", "options": {"folder": str(DATA_FOLDER / "outbox")}}
# Who says a code by voice where the SMS does not come. Without one of its own a real installation has no such button.
VOICE_GATEWAY = json.loads(os.environ.get("CHUDING_VOICE_GATEWAY", "null")) or (
    SMS_GATEWAY | {"options": SMS_GATEWAY["options"] | {"channel": "voice"}}
    if "CHUDING_SMS_GATEWAY" not in os.environ
    else None
)
SOCIAL_INSURANCE = json.loads(
    os.environ.get("CHUDING_SOCIAL_INSURANCE", "null"),
) or {
    "class": "chuding.connectors.social_insurance.EmbeddedSocialInsurance",
    "options": {"file": str(DATA_FOLDER / "social_insurance.json")},
}

# Nobody by default: the time of a signature is then the office's own word. The demonstration's authority proves nothing.
TIME_STAMPING = json.loads(os.environ.get("CHUDING_TIME_STAMPING", "null")) or (
    {
        "class": "chuding.connectors.timestamp.DemonstrationTimeStamping",
        "options": {"folder": str(SIGNING_FOLDER)},
    }
    if DEMONSTRATION
    else None
)
# Nobody by default: papers then say that they bear no statutory electronic seal (docs/operating.md).
SEAL_SERVICE = json.loads(os.environ.get("CHUDING_SEAL_SERVICE", "null"))
# Certificates get their archive time stamp when they need it, or at once (docs/adr/0006).
ARCHIVE_AT_ISSUE = _flag("CHUDING_ARCHIVE_AT_ISSUE")

# Who signs: a process of its own behind this socket, which `run` and `serve` start; without it, this very process.
SIGNER_SOCKET = os.environ.get("CHUDING_SIGNER_SOCKET", "")
SIGNATURES_PER_HOUR = int(os.environ.get("CHUDING_SIGNATURES_PER_HOUR", "20000"))
# Where the keys are: files in the signing folder, or a PKCS#11 token.
SIGNING_KEYS = json.loads(os.environ.get("CHUDING_SIGNING_KEYS", "null")) or {"class": "chuding.paper.keys.KeyFolder"}

# The first notice of an installation; once there is one, notices are published at the desk (docs/operating.md).
NOTICE = os.environ.get("CHUDING_NOTICE", "zhenjiang-2024-1")
# The city and its two offices are those of that notice's head, unless they are named here.
_ISSUER = issuer_of(PACKAGE / "policy" / "notices" / NOTICE / "notice.yaml")
CITY = _ISSUER.city
OFFICE_NAMES: dict[str, str] = _ISSUER.offices | json.loads(os.environ.get("CHUDING_OFFICE_NAMES", "{}"))
# How each office numbers its documents: {year} and {serial} are filled in; the notice itself took the first of its year.
DOCUMENT_NUMBERS: dict[str, str] = _ISSUER.document_numbers | json.loads(
    os.environ.get("CHUDING_DOCUMENT_NUMBERS", "{}")
)
DOCUMENT_FIRST_SERIAL = _ISSUER.first_serials
# What the numbers of files begin with: four letters.
NUMBER_LETTERS = os.environ.get("CHUDING_NUMBER_LETTERS", "").strip() or _ISSUER.number_letters
# Named here it is the one telephone of pages, letters and text messages. Else pages and letters say that of the notice in
# hand, and text messages that of the first notice: they are filed with a service word by word.
TELEPHONE = os.environ.get("CHUDING_TELEPHONE", "").strip()
SMS_TELEPHONE = TELEPHONE or _ISSUER.telephone

LANGUAGE_CODE = "zh-hans"
# The first is the legal text and the source of the others; src/chuding/locale holds those.
LANGUAGES = [("zh-hans", "简体中文"), ("zh-hant", "繁體中文"), ("en", "English")]
LANGUAGE_COOKIE_NAME = "language"
LOCALE_PATHS = [PACKAGE / "locale"]
FORMAT_MODULE_PATH = ["chuding.accounts.formats"]
USE_I18N = True
TIME_ZONE = "Asia/Shanghai"
USE_TZ = True

STATIC_URL = "static/"
STATICFILES_DIRS = [PACKAGE / "static"]
STATIC_ROOT = DATA_FOLDER / "static"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"
        if _flag("CHUDING_MANIFEST")
        else "django.contrib.staticfiles.storage.StaticFilesStorage",
    },
}
WHITENOISE_USE_FINDERS = not _flag("CHUDING_MANIFEST")
STATIC_ROOT.mkdir(parents=True, exist_ok=True)

# One material at most 10 MB; a form without files stays small.
UPLOAD_LIMIT = 10 * 1024 * 1024
DATA_UPLOAD_MAX_MEMORY_SIZE = 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 400
# clamd's socket, or host:port; empty: none. A file that it has not answered for in this time is not taken.
VIRUS_SCANNER = os.environ.get("CHUDING_VIRUS_SCANNER", "")
VIRUS_SCANNER_SECONDS = 30
FILE_UPLOAD_HANDLERS = ["chuding.applications.uploads.CappedUploadHandler"]
FILE_UPLOAD_TEMP_DIR = DATA_FOLDER / "uploading"
FILE_UPLOAD_TEMP_DIR.mkdir(parents=True, exist_ok=True, mode=0o700)
FILE_UPLOAD_PERMISSIONS = 0o600

_prefix = "__Host-" if SECURE else ""
SESSION_ENGINE = "chuding.accounts.session_store"
SESSION_COOKIE_NAME = f"{_prefix}session"
CSRF_COOKIE_NAME = f"{_prefix}csrf"
SESSION_COOKIE_AGE = 12 * 60 * 60
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = SECURE
CSRF_COOKIE_HTTPONLY = True
CSRF_TRUSTED_ORIGINS = [PUBLIC_ADDRESS] if SECURE else []
CSRF_FAILURE_VIEW = "chuding.applications.views.public.csrf_failure"
SECURE_SSL_REDIRECT = SECURE
SECURE_HSTS_SECONDS = 365 * 24 * 3600 if SECURE else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE
SECURE_HSTS_PRELOAD = SECURE
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
if proxy := os.environ.get("CHUDING_PROXY_HEADER"):
    SECURE_PROXY_SSL_HEADER = (proxy, "https")
# Which header a trusted proxy puts the visitor's address in (X-Real-IP); empty: the connection's own address counts.
CLIENT_ADDRESS_HEADER = os.environ.get("CHUDING_CLIENT_ADDRESS_HEADER", "")
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": ["'none'"],
        "script-src": ["'self'"],
        "style-src": ["'self'"],
        "img-src": ["'self'", "data:"],
        "font-src": ["'self'"],
        "connect-src": ["'self'"],
        "form-action": ["'self'"],
        "frame-ancestors": ["'none'"],
        "base-uri": ["'none'"],
        "object-src": ["'none'"],
        "manifest-src": ["'self'"],
    },
}
MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"plain": {"format": "{asctime} {levelname} {name} {message}", "style": "{"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "plain"}},
    "root": {"handlers": ["console"], "level": os.environ.get("CHUDING_LOG_LEVEL", "WARNING")},
}
