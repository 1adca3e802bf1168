"""Rendering: the only room that knows Jinja2. Any mail or page: subject, text, HTML."""

from recommender.rendering.renderer import (
    RenderedMail,
    Renderer,
    RendererRecipe,
    default_templates,
)

__all__ = ["RenderedMail", "Renderer", "RendererRecipe", "default_templates"]
