"""Explanations for people: text and pages."""

from selloff.report.html import html_fragment, html_page
from selloff.report.pictures import picture, pictures
from selloff.report.scan import render_scan, scan_markup
from selloff.report.text import render
from selloff.report.words import paragraph

__all__ = [
    "html_fragment",
    "html_page",
    "paragraph",
    "picture",
    "pictures",
    "render",
    "render_scan",
    "scan_markup",
]
