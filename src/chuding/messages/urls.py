from __future__ import annotations

from django.urls import path

from chuding.messages import phone_change, views

urlpatterns = [
    path("me/phone/", phone_change.me_phone, name="me_phone"),
    path("inbox/", views.inbox, name="inbox"),
    path("inbox/read/", views.inbox_read, name="inbox_read"),
    path("outbox/", views.outbox, name="outbox"),
]
