"""What anyone may read without an account."""

from django.urls import path

from chuding.applications.views import public, self_check

urlpatterns = [
    path("", public.home, name="home"),
    path("guide/", public.guide, name="guide"),
    path("notice/", public.notice, name="notice"),
    path("catalogue/", public.catalogue, name="catalogue"),
    path("catalogue/search/", public.catalogue_search, name="catalogue_search"),
    path("check/", self_check.ask, name="self_check"),
    path("check/result/", self_check.result, name="self_check_result"),
    path("help/", public.help_page, name="help"),
    path("privacy/", public.privacy, name="privacy"),
    path("accessibility/", public.accessibility, name="accessibility"),
    path("display/", public.set_display, name="set_display"),
    path("healthz", public.healthz, name="healthz"),
]
