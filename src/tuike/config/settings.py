"""Django's settings. Values come from `tuike.config.env`; what is fixed stands here."""

import os
from pathlib import Path

from tuike.config import env, logging
from tuike.kit import clock
from tuike.runtime import postgres

_env = env.read()
PRODUCTION = env.production()
DEBUG = False

SECRET_KEY = env.secret("TUIKE_SECRET_KEY").hex()
FIELD_KEYS = env.field_keys()
ALLOWED_HOSTS = _env.list("TUIKE_ALLOWED_HOSTS", default=["127.0.0.1", "localhost", "[::1]", "testserver"])
PUBLIC_BASE = env.public_base()
WECHAT_APPID = _env.str("WECHAT_APPID", default="")
LANDING_BASE = env.landing_base()
LIVE_ON, LIVE_PORT, LIVE_BASE = env.live_on(), env.live_port(), env.live_base()
WEB_PORT = env.port()
PUBLIC_ORIGIN = "/".join(env.public_base().split("/")[:3])
WEBHOOK_PRIVATE = env.webhook_private()
SANDBOX_BASE = env.sandbox_base() if env.sandbox_on() else ""

clock.configure(None if PRODUCTION else env.home().clock_file)

INSTALLED_APPS = [
    "django.contrib.contenttypes",
    "django.contrib.auth",
    "django.contrib.sessions",
    "django.contrib.postgres",
    "django.contrib.staticfiles",
    "procrastinate.contrib.django",
    "tuike.alerts",
    "tuike.appeals",
    "tuike.apps",
    "tuike.audit",
    "tuike.attribution",
    "tuike.buyers",
    "tuike.catalog",
    "tuike.checkups",
    "tuike.commission",
    "tuike.content",
    "tuike.cooperation",
    "tuike.doors.console",
    "tuike.doors.front",
    "tuike.doors.landing",
    "tuike.doors.mall",
    "tuike.doors.storefront",
    "tuike.doors.web",
    "tuike.exports",
    "tuike.views",
    "tuike.feed",
    "tuike.figures",
    "tuike.files",
    "tuike.freight",
    "tuike.idempotency",
    "tuike.imports",
    "tuike.inbox",
    "tuike.ledger",
    "tuike.library",
    "tuike.marketing",
    "tuike.matching",
    "tuike.members",
    "tuike.messages",
    "tuike.network",
    "tuike.open_data",
    "tuike.orders",
    "tuike.outbox",
    "tuike.parties",
    "tuike.payments",
    "tuike.people",
    "tuike.plans",
    "tuike.rewards",
    "tuike.risk",
    "tuike.review",
    "tuike.scoring",
    "tuike.settings",
    "tuike.settlement",
    "tuike.webhooks",
]

MIDDLEWARE = [
    "tuike.doors.web.middleware.RequestLog",
    "tuike.doors.ops.middleware.Probes",
    "tuike.doors.web.middleware.Unavailable",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]

ROOT_URLCONF = "tuike.config.urls"
WSGI_APPLICATION = "tuike.config.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {"context_processors": ["django.template.context_processors.request"]},
    }
]

AUTH_USER_MODEL = "people.Person"
PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]

# The running product and the tests connect as `tuike_app`, which can't change ledger or audit rows; only migrations
# connect as the owner (TUIKE_DB_ROLE=owner), in a process of their own.
_ROLE = os.environ.get("TUIKE_DB_ROLE", "app")
_GIVEN = {"app": "DATABASE_URL", "owner": "DATABASE_OWNER_URL"}[_ROLE]
_URL = os.environ.get(_GIVEN) or os.environ.get("DATABASE_URL") or postgres.url(env.home(), role=_ROLE)
# What `tuike.db.rows.planned` prepares is for few rows whatever its parameters are: the plan is made once and kept.
_PLANS = "-c plan_cache_mode=force_generic_plan"
DATABASES = {"default": _env.db_url_config(_URL)}
DATABASES["default"]["ENGINE"] = "tuike.db.backend"
DATABASES["default"]["CONN_HEALTH_CHECKS"] = True
DATABASES["default"].setdefault("OPTIONS", {}).update(
    {
        "connect_timeout": 3,
        "tcp_user_timeout": 5000,
        "keepalives_idle": 10,
        "prepare_threshold": 5,  # lets tuike.db.rows.planned keep plans; Django's own statements are never prepared
        "application_name": os.environ.get("TUIKE_PROCESS", "tuike"),
        # Every wait is bounded: a statement, a lock, a transaction that somebody forgot.
        "options": f"-c statement_timeout=30s -c lock_timeout=10s -c idle_in_transaction_session_timeout=60s {_PLANS}"
        if _ROLE == "app"
        else "-c lock_timeout=10s",
    }
)
if os.environ.get("TUIKE_PROCESS") in {"web", "live"}:
    # Somebody waits for the answer: the server ends a statement sooner, and a server that says nothing is given up.
    # Threads keep their connections, looked at before each request's first statement.
    DATABASES["default"]["CONN_MAX_AGE"] = 600
    DATABASES["default"]["OPTIONS"] |= {
        "options": f"-c statement_timeout=4s -c lock_timeout=3s -c idle_in_transaction_session_timeout=20s {_PLANS}",
        "longest_wait": 4.5,
    }
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

USE_TZ = True
TIME_ZONE = "Asia/Shanghai"
LANGUAGE_CODE = "zh-hans"
LANGUAGES = [("zh-hans", "简体中文"), ("en", "English")]
STATIC_URL = "/static/"
FONTS = Path(__file__).resolve().parents[1] / "doors" / "console" / "static" / "console" / "vendor" / "noto"
"""The Chinese font that pages load and posters are drawn with."""
STATIC_ROOT = env.home().root / "static"
# `tuike up` collects static files under names that carry their digest; where nothing was collected (tests, a bare
# server process) they are served out of the package under their plain names.
_COLLECTED = (STATIC_ROOT / "staticfiles.json").exists() or os.environ.get("TUIKE_PROCESS") == "static"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"
        if _COLLECTED
        else "django.contrib.staticfiles.storage.StaticFilesStorage"
    },
}
WHITENOISE_USE_FINDERS = WHITENOISE_AUTOREFRESH = not _COLLECTED
WHITENOISE_KEEP_ONLY_HASHED_FILES = True
MEDIA_ROOT = env.home().root / "media"
FILES_ROOT = env.home().root / "files"
EXPORTS_ROOT = env.home().root / "exports"
OPEN_DATA_ROOT = env.home().root / "open_data"

_MAIL = env.mail()
EMAIL_BACKEND = f"django.core.mail.backends.{_MAIL.backend}.EmailBackend"
EMAIL_HOST, EMAIL_PORT = _MAIL.host, _MAIL.port
EMAIL_HOST_USER, EMAIL_HOST_PASSWORD = _MAIL.user, _MAIL.password
EMAIL_USE_TLS, EMAIL_USE_SSL = _MAIL.tls == "starttls", _MAIL.tls == "tls"
EMAIL_TIMEOUT = _MAIL.timeout
DEFAULT_FROM_EMAIL = _MAIL.sender

SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = PRODUCTION
SECURE_HSTS_SECONDS = 31_536_000 if PRODUCTION else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = PRODUCTION
SECURE_SSL_REDIRECT = PRODUCTION
PROXIES = _env.int("TUIKE_PROXIES", default=0)
CSRF_FAILURE_VIEW = "tuike.doors.console.missing.forged"
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if PRODUCTION else None
X_FRAME_OPTIONS = "DENY"
DATA_UPLOAD_MAX_MEMORY_SIZE = 1_048_576

LOGGING = logging.setting(production=PRODUCTION, level=os.environ.get("TUIKE_LOG_LEVEL", "INFO").upper())
METRICS_TOKEN = os.environ.get("TUIKE_METRICS_TOKEN", "")

# What the worker may run, and how: more jobs at once than may take minutes, so that money never stands behind a file or
# a checkup; rows of those that went well removed at once.
PROCRASTINATE_IMPORT_PATHS = [
    "tuike.doors.jobs.tasks",
    "tuike.doors.jobs.open_data",
    "tuike.doors.jobs.scores",
    "tuike.doors.jobs.reviews",
    "tuike.doors.jobs.alerts",
]
PROCRASTINATE_WORKER_DEFAULTS = {"concurrency": 26, "delete_jobs": "successful"}

SILENCED_SYSTEM_CHECKS: list[str] = []
