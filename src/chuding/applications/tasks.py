"""The worker's part of a file: page images of what was uploaded."""

from __future__ import annotations

from django_tasks import task

from chuding.applications.models import Material
from chuding.paper.pages import render_pages
from chuding.storage.files import store


@task()
def make_pages(material_id: int) -> int:
    """Render the pages of a material as images, in the sandbox; the same file is rendered once.

    Staff see these images and never the PDF itself (security.md D10). Returns the number of pages.
    """
    material = Material.objects.get(pk=material_id)
    folder = store().derived(material.file)
    if not (folder / "page-1.webp").exists():
        render_pages(store().path(material.file), folder)
    Material.objects.filter(file=material.file).update(pages_ready=True)
    return material.pages
