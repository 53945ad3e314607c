from __future__ import annotations

from django.urls import path

from chuding.accounts.views import me, sign_in

urlpatterns = [
    path("sign-in/", sign_in.sign_in, name="sign_in"),
    path("sign-in/code/", sign_in.sign_in_code, name="sign_in_code"),
    path("sign-in/code/again/", sign_in.sign_in_resend, name="sign_in_resend"),
    path("sign-in/password/", sign_in.sign_in_password, name="sign_in_password"),
    path("sign-out/", sign_in.sign_out, name="sign_out"),
    path("consent/", sign_in.consent_page, name="consent"),
    path("me/", me.me, name="me"),
    path("me/password/", me.me_password, name="me_password"),
    path("me/consent/withdraw/", me.consent_withdraw, name="consent_withdraw"),
]
