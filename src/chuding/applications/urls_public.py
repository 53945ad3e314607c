"""What anyone may read without an account."""

from django.urls import path

from chuding.applications.views import public, public_round, reminder, self_check, site_map, verdict_page

urlpatterns = [
    path("", public.home, name="home"),
    path("guide/", public.guide, name="guide"),
    path("notice/", public.notice, name="notice"),
    path("notices/", public_round.notices, name="notices"),
    path("notices/<str:digest>/", public_round.notice_version, name="notice_version"),
    path("statistics/", public_round.statistics, name="statistics"),
    path("catalogue/", public.catalogue, name="catalogue"),
    path("catalogue/search/", public.catalogue_search, name="catalogue_search"),
    path("check/", self_check.ask, name="self_check"),
    path("check/result/", self_check.result, name="self_check_result"),
    path("check/begin/", self_check.begin, name="self_check_begin"),
    path("check/result/paper/", verdict_page.self_check_paper, name="self_check_paper"),
    path("check/reminder/", reminder.reminder, name="reminder"),
    path("check/reminder/code/", reminder.reminder_code, name="reminder_code"),
    path("check/reminder/set/", reminder.reminder_set, name="reminder_set"),
    path("check/reminder/cancel/", reminder.reminder_cancel, name="reminder_cancel"),
    path("check/<str:page>/", self_check.question, name="self_check_question"),
    path("levels/<str:name>/", public.level, name="level"),
    path("help/", public.help_page, name="help"),
    path("privacy/", public.privacy, name="privacy"),
    path("accessibility/", public.accessibility, name="accessibility"),
    path("map/", site_map.site_map, name="site_map"),
    path("display/", public.set_display, name="set_display"),
    path("healthz", public.healthz, name="healthz"),
]
