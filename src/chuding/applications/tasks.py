"""The worker's part of a file: page images of what was uploaded, and what its papers say."""

from __future__ import annotations

from django_tasks import task

from chuding.applications.material_kinds import Kind, code_of
from chuding.applications.models import Application, Material
from chuding.applications.readings.keeping import NOBODY_LOOKS, read_and_keep
from chuding.applications.services.likenesses import find_near, take_prints
from chuding.applications.translate import notice_of
from chuding.paper.pages import drawn_pages, render_pages
from chuding.storage.clock import now
from chuding.storage.files import store


@task()
def look_for_likenesses(ref: str) -> int:
    """Compare the pictures of a file that has just been handed in with everybody else's; answers how many look alike."""
    application = Application.objects.get(ref=ref)
    return 0 if application.life in NOBODY_LOOKS else find_near(application, at=now())


@task()
def make_pages(material_id: int) -> int:
    """Render the pages of a material as images, in the sandbox; the same file is rendered once.

    Staff see these images and never the PDF itself (security.md D10). Returns the number of pages.
    """
    material = Material.objects.select_related("application").get(pk=material_id)
    folder = store().derived(material.file)
    if len(drawn_pages(folder)) != material.pages:
        render_pages(store().path(material.file), folder)
    Material.objects.filter(file=material.file).update(pages_ready=True)
    if material.code == code_of(notice_of(material.application), Kind.SCHOOLING):
        take_prints(material)
    return material.pages


@task()
def make_pages_of(digest: str) -> int:
    """Render the pages of a stored PDF that is no material of a file: a unit's stamped paper."""
    folder = store().derived(digest)
    return 0 if drawn_pages(folder) else len(render_pages(store().path(digest), folder))


# Behind everything that somebody waits for.
@task(priority=-10)
def read_material(material_id: int) -> str:
    """Read what a material says, where the notice's item is one of papers that are read. Returns the reading's state."""
    return read_and_keep(material_id=material_id, at=now())
