"""Sphinx's settings for the site; `make site` puts its source together first (tools/pages)."""

from course.package import VERSION

project = "Under Budget"
author = "the authors of the course"
project_copyright = "the authors of the course; code BSD 3-Clause, text CC BY 4.0"
release = VERSION
extensions = ["myst_parser"]
source_suffix = {".md": "markdown"}
myst_enable_extensions = ["colon_fence"]
myst_heading_anchors = 4
nitpicky = True
language = "en"

html_theme = "furo"
html_title = "Under Budget"
html_static_path = ["_static"]
html_favicon = "_static/favicon.svg"
html_css_files = ["site.css"]
html_copy_source = False
html_show_sourcelink = False
html_theme_options = {"top_of_page_buttons": []}
# Colours of code that keep a contrast of 4.5 in both themes.
pygments_style = "a11y-high-contrast-light"
pygments_dark_style = "a11y-high-contrast-dark"
