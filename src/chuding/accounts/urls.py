from __future__ import annotations

from django.urls import path

from chuding.accounts.views import factors, hand_over, me, rare_characters, sign_in

urlpatterns = [
    path("characters/<str:edition>/<str:name>.css", rare_characters.sheet, name="rare_sheet"),
    path("characters/<str:edition>/<str:name>-<str:source>.woff2", rare_characters.font, name="rare_font"),
    path("sign-in/", sign_in.sign_in, name="sign_in"),
    path("sign-in/code/", sign_in.sign_in_code, name="sign_in_code"),
    path("sign-in/code/again/", sign_in.sign_in_resend, name="sign_in_resend"),
    path("sign-in/password/", sign_in.sign_in_password, name="sign_in_password"),
    path("hand-over/", hand_over.hand_over, name="hand_over"),
    path("over/", hand_over.over, name="over"),
    path("over/<str:token>/", hand_over.over_link, name="over_link"),
    path("session/", sign_in.session_extend, name="session_extend"),
    path("sign-in/second/", factors.second_factor, name="second_factor"),
    path("sign-out/", sign_in.sign_out, name="sign_out"),
    path("consent/", sign_in.consent_page, name="consent"),
    path("me/", me.me, name="me"),
    path("me/password/", me.me_password, name="me_password"),
    path("me/authenticator/", factors.authenticator, name="authenticator"),
    path("me/authenticator/replace/", factors.authenticator_replace, name="authenticator_replace"),
    path("me/authenticator/codes/", factors.recovery_codes, name="recovery_codes"),
    path("me/confirm/", factors.step_up_page, name="step_up"),
    path("me/sessions/", factors.sessions, name="sessions"),
    path("me/sessions/end/", factors.session_end, name="session_end"),
    path("me/consent/withdraw/", me.consent_withdraw, name="consent_withdraw"),
]
