"""Addresses of the screens every system has; each console includes them."""

from django.urls import path

from ambar.kit.ui import saved_views, screens

app_name = "ui"

urlpatterns = [
    path("login/", screens.login, name="login"),
    path("logout/", screens.logout, name="logout"),
    path("switch/theme/", screens.theme, name="theme"),
    path("switch/language/", screens.language, name="language"),
    path("views/", saved_views.save, name="save_view"),
    path("views/<int:pk>/forget/", saved_views.forget, name="forget_view"),
    path("static/<path:path>", screens.static_file, name="static"),
    path("favicon.ico", screens.favicon, name="favicon"),
]
