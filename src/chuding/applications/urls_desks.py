"""The addresses of the employer's pages and of the offices' desk."""

from django.urls import path

from chuding.applications.views import desk, desk_acts, desk_file, desk_images, employer

urlpatterns = [
    path("employer/", employer.home, name="employer_home"),
    path("employer/<str:ref>/", employer.application, name="employer_application"),
    path("employer/<str:ref>/act/", employer.act, name="employer_act"),
    path("desk/", desk.queue, name="desk"),
    path("desk/take/", desk_acts.take, name="desk_take"),
    path("desk/<str:ref>/", desk_file.application, name="desk_application"),
    path("desk/<str:ref>/act/", desk_acts.act, name="desk_act"),
    path("desk/<str:ref>/materials/<str:material_ref>/verdict/", desk_acts.verdict, name="desk_verdict"),
    path("desk/<str:ref>/materials/<str:material_ref>/pages/<int:n>.webp", desk_images.page, name="desk_page"),
    path("desk/<str:ref>/materials/<str:material_ref>/file/", desk_images.original, name="desk_file"),
]
