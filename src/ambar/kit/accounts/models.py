"""Tables of accounts."""

from __future__ import annotations

from typing import Any, ClassVar

from django.contrib.auth.models import AbstractBaseUser, BaseUserManager
from django.db import models
from django.utils.translation import gettext_lazy as _


class Users(BaseUserManager["User"]):
    """Makes users with a hashed password."""

    def create_user(self, username: str, password: str | None = None, **columns: Any) -> User:
        user = self.model(username=self.model.normalize_username(username), **columns)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, username: str, password: str | None = None, **columns: Any) -> User:
        return self.create_user(username, password, **{"is_superuser": True, **columns})


class User(AbstractBaseUser):
    """A person or a program that may sign in."""

    username = models.CharField(_("user name"), max_length=150, unique=True)
    name = models.CharField(_("name"), max_length=200, blank=True, default="")
    is_superuser = models.BooleanField(default=False)
    is_active = models.BooleanField(default=True)
    language = models.CharField(max_length=8, default="en")
    bounds = models.JSONField(default=dict, blank=True)
    roles = models.JSONField(default=list, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    objects: ClassVar[Users] = Users()

    USERNAME_FIELD = "username"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    class Meta:
        db_table = "accounts_user"

    def has_perm(self, permission: str, obj: object = None) -> bool:
        return self.is_active and self.is_superuser

    def has_module_perms(self, app_label: str) -> bool:
        return self.is_active and self.is_superuser

    def get_full_name(self) -> str:
        return self.name or self.username


class Token(models.Model):
    """A program's key: only its SHA-256 is kept; `prefix` lets people recognise it.

    `scopes` null = all that the user's roles hold.
    """

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="tokens")
    name = models.CharField(max_length=100)
    prefix = models.CharField(max_length=12)
    hash = models.CharField(max_length=64, unique=True)
    scopes = models.JSONField(null=True, blank=True)
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField(null=True, blank=True)
    last_used_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        db_table = "accounts_token"


class LoginFailure(models.Model):
    """A failed sign-in; the count of recent ones per name slows guessing down."""

    username = models.CharField(max_length=150)
    at = models.DateTimeField()

    class Meta:
        db_table = "accounts_loginfailure"
        indexes: ClassVar = [models.Index(fields=["username", "at"], name="accounts_failure_recent")]


class AuditEntry(models.Model):
    """Who did what to which object, and when; append-only."""

    at = models.DateTimeField()
    user_id = models.BigIntegerField(null=True)
    username = models.CharField(max_length=150, blank=True, default="")
    action = models.CharField(max_length=100)
    object_kind = models.CharField(max_length=60)
    object_id = models.BigIntegerField(null=True)
    detail = models.JSONField(default=dict)

    class Meta:
        db_table = "accounts_auditentry"
        indexes: ClassVar = [
            models.Index(fields=["object_kind", "object_id", "id"], name="accounts_audit_object"),
            models.Index(fields=["at"], name="accounts_audit_at"),
        ]
