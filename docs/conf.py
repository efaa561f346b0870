"""How Sphinx builds the course as static pages, from what tools/pages.py has prepared for it."""

project = "acts: activation functions, settled"
author = "the acts authors"
copyright = "2026, the acts authors. Code: BSD 3-Clause. Prose and figures: CC BY 4.0"  # noqa: A001
language = "en"

extensions = ["myst_nb", "sphinx.ext.mathjax", "sphinx-mathjax-offline"]
templates_path = ["_templates"]

# The notebooks come with their outputs; executing them is `make notebooks`, and the tests'.
nb_execution_mode = "off"
nb_merge_streams = True
nb_render_markdown_format = "myst"  # the ledger's table is an output, with formulas and links to cells
# A widget has no kernel here: its picture stands for it.
nb_mime_priority_overrides = [
    ("html", "image/png", 0),
    ("html", "text/markdown", 10),
    ("html", "text/latex", 20),
]
myst_enable_extensions = ["dollarmath", "amsmath"]
myst_dmath_double_inline = True  # a displayed formula may follow a line of its paragraph
myst_heading_anchors = 3
suppress_warnings = ["mystnb.unknown_mime_type"]

html_theme = "pydata_sphinx_theme"
html_title = "acts"
html_copy_source = False
html_use_index = False
html_scaled_image_link = False
html_show_sourcelink = False
html_static_path = ["_static"]
html_css_files = ["acts.css"]
html_js_files = ["acts.js"]
html_sidebars = {"**": ["contents.html"]}
html_context = {"default_mode": "auto"}  # light or dark, as the reader's system is
html_theme_options = {
    "navigation_with_keys": False,
    "navbar_center": [],
    "search_bar_text": "Search the course",
    "show_prev_next": True,
    "secondary_sidebar_items": ["page-toc"],
    "navbar_end": ["theme-switcher"],
    "footer_start": ["copyright"],
    "footer_end": [],
    "pygments_light_style": "a11y-high-contrast-light",
    "pygments_dark_style": "a11y-high-contrast-dark",
    "templates_skip_empty_check": ["contents.html"],
}
