"""Addresses of the webhook screens; a console includes them under `webhooks/`."""

from django.urls import path

from ambar.kit.ui.webhooks import screens

app_name = "webhooks"

urlpatterns = [
    path("", screens.hooks, name="hooks"),
    path("log/", screens.deliveries, name="deliveries"),
    path("log/<int:pk>/", screens.delivery, name="delivery"),
    path("log/<int:pk>/resend/", screens.resend, name="resend"),
]
