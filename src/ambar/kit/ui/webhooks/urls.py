"""Addresses of the webhook screens; a console includes them under `webhooks/`."""

from django.urls import path

from ambar.kit.ui.webhooks import hook_screens, received_screens, replay_screens, screens

app_name = "webhooks"

urlpatterns = [
    path("", screens.hooks, name="hooks"),
    path("new/", hook_screens.hook, name="new_hook"),
    path("<int:pk>/", hook_screens.hook, name="hook"),
    path("<int:pk>/switch/", hook_screens.switch, name="switch_hook"),
    path("<int:pk>/rotate/", hook_screens.rotate, name="rotate_secret"),
    path("types/", hook_screens.types, name="types"),
    path("endpoints/<int:pk>/ask/", hook_screens.ask, name="ask_endpoint"),
    path("log/", screens.deliveries, name="deliveries"),
    path("log/<int:pk>/", screens.delivery, name="delivery"),
    path("log/<int:pk>/resend/", screens.resend, name="resend"),
    path("parked/", replay_screens.parked, name="parked"),
    path("parked/free/", replay_screens.free, name="free_lanes"),
    path("aside/", received_screens.aside, name="aside"),
    path("aside/<int:pk>/take/", received_screens.take, name="take_again"),
    path("replays/", replay_screens.replays, name="replays"),
    path("replays/new/", replay_screens.new, name="new_replay"),
    path("replays/<int:pk>/", replay_screens.replay, name="replay"),
    path("replays/<int:pk>/turn/", replay_screens.turn, name="turn_replay"),
]
