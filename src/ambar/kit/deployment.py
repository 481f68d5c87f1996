"""Wiring a system: its Django settings, its command line and its WSGI application.

A system's `settings.py` is one call::

    globals().update(django_settings(system="oms", rooms=[...], urls="ambar.oms.urls", default_port=8001))
"""

from __future__ import annotations

import os
import sys
import threading
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from . import garbage
from .config import Config

SYSTEMS = ("oms", "seller_center", "omnitron")
_SOURCE = Path(__file__).resolve().parent.parent

KIT_APPS = (
    "ambar.kit.accounts",
    "ambar.kit.rest",
    "ambar.kit.work",
    "ambar.kit.outbox",
    "ambar.kit.ui",
)


def django_settings(*, system: str, rooms: list[str], urls: str, default_port: int) -> dict[str, Any]:
    """The whole Django settings of one system.

    :param system: name of the package under `ambar` and of the database.
    :param rooms: dotted paths of the rooms (packages or their `AppConfig`).
    :param urls: dotted path of the URL module.
    :param default_port: where the system listens when nothing else is said.
    """
    config = Config()
    return {
        "SYSTEM": system,
        "DEFAULT_PORT": default_port,
        "SECRET_KEY": config.secret_key,
        "DEBUG": config.debug,
        "ALLOWED_HOSTS": list(config.allowed_hosts),
        "CSRF_TRUSTED_ORIGINS": list(config.trusted_origins),
        "INSTALLED_APPS": _apps(rooms),
        "MIDDLEWARE": _MIDDLEWARE,
        "ROOT_URLCONF": urls,
        "DATABASES": {"default": config.database(system)},
        "DEFAULT_AUTO_FIELD": "django.db.models.BigAutoField",
        "TEMPLATES": [_templates()],
        "LOGGING_CONFIG": "ambar.kit.log.configure",
        "LOGGING": {"level": config.log_level},
        **_accounts(system, config),
        **_languages(system),
        **_static(system, config),
        **_safety(config),
    }


def manage(system: str) -> None:
    """The command line of a system: `python -m ambar.<system> <django command>`."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", f"ambar.{system}.settings")
    from .command_line import run

    run(system, sys.argv[1:])


def wsgi(system: str) -> Any:
    """The WSGI application of a system, for granian; all of it is loaded before the first request comes."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", f"ambar.{system}.settings")
    from django.conf import settings
    from django.core.wsgi import get_wsgi_application

    from . import timekeeping
    from .admission import Gate
    from .rest.overload import Door

    application = get_wsgi_application()
    from .rest.receiving import Reception  # needs the models

    import_module(settings.ROOT_URLCONF)
    garbage.settle()
    timekeeping.start(threading.Event())
    config = Config()
    gate = Gate(at_once=config.web_threads, waiting=config.web_waiting, seconds=config.web_wait_seconds)
    return Door(
        Reception(application),
        gate,
        cookie=settings.SESSION_COOKIE_NAME,
        body_seconds=config.web_body_seconds,
    )


def _exists(dotted: str) -> bool:
    module = dotted.partition(".apps.")[0]
    try:
        return find_spec(module) is not None and find_spec(f"{module}.apps") is not None
    except ModuleNotFoundError:
        return False


def _apps(rooms: list[str]) -> list[str]:
    return [
        "django.contrib.contenttypes",
        "django.contrib.auth",
        "django.contrib.sessions",
        "django.contrib.messages",
        "django.contrib.staticfiles",
        "django.contrib.humanize",
        "csp",
        "django_htmx",
        "ninja",
        "procrastinate.contrib.django",
        *[name for name in KIT_APPS if _exists(name)],
        *rooms,
    ]


_MIDDLEWARE = [
    "ambar.kit.rest.wire.WireMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
]


def _templates() -> dict[str, Any]:
    return {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.template.context_processors.tz",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ]
        },
    }


def _accounts(system: str, config: Config) -> dict[str, Any]:
    return {
        "AUTH_USER_MODEL": "accounts.User",
        "AUTHENTICATION_BACKENDS": ["django.contrib.auth.backends.ModelBackend"],
        "LOGIN_URL": "/login/",
        "LOGIN_REDIRECT_URL": "/",
        "LOGOUT_REDIRECT_URL": "/login/",
        "SESSION_COOKIE_NAME": f"ambar_{system}_session",
        "CSRF_COOKIE_NAME": f"ambar_{system}_csrf",
        "CSRF_FAILURE_VIEW": "ambar.kit.ui.gate.stale_form",
        "SESSION_COOKIE_HTTPONLY": True,
        "SESSION_COOKIE_SAMESITE": "Lax",
        "SESSION_COOKIE_SECURE": config.secure_cookies,
        "CSRF_COOKIE_SECURE": config.secure_cookies,
        "PASSWORD_HASHERS": _hashers(config),
        "AUTH_PASSWORD_VALIDATORS": [
            {
                "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
                "OPTIONS": {"min_length": 10},
            },
            {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
        ],
    }


def _hashers(config: Config) -> list[str]:
    strong = "django.contrib.auth.hashers.PBKDF2PasswordHasher"
    if config.test_server:
        return ["django.contrib.auth.hashers.MD5PasswordHasher", strong]
    return [strong]


def _languages(system: str) -> dict[str, Any]:
    from django.utils.translation import gettext_lazy as _

    return {
        "USE_TZ": True,
        "TIME_ZONE": "UTC",
        "USE_I18N": True,
        "LANGUAGE_CODE": "en",
        "LANGUAGES": [("en", _("English")), ("tr", _("Turkish"))],
        "LANGUAGE_COOKIE_NAME": "ambar_language",
        "LOCALE_PATHS": [
            str(path) for path in (_SOURCE / system / "locale", _SOURCE / "kit" / "locale") if path.exists()
        ],
    }


def _static(system: str, config: Config) -> dict[str, Any]:
    root = Path(os.environ.get("AMBAR_STATIC_ROOT") or config.data_home / "static" / system)
    return {"STATIC_URL": "/static/", "STATIC_ROOT": str(root)}


def _safety(config: Config) -> dict[str, Any]:
    settings: dict[str, Any] = {
        "APPEND_SLASH": True,
        "DATA_UPLOAD_MAX_MEMORY_SIZE": config.body_limit,
        "SECURE_CONTENT_TYPE_NOSNIFF": True,
        "SECURE_REFERRER_POLICY": "same-origin",
        "X_FRAME_OPTIONS": "DENY",
        "CONTENT_SECURITY_POLICY": {
            "DIRECTIVES": {
                "default-src": ["'self'"],
                "img-src": ["'self'", "data:"],
                "object-src": ["'none'"],
                "base-uri": ["'self'"],
                "form-action": ["'self'"],
                "frame-ancestors": ["'none'"],
            }
        },
    }
    if config.trust_proxy:
        settings["SECURE_PROXY_SSL_HEADER"] = ("HTTP_X_FORWARDED_PROTO", "https")
    return settings
