"""How the admin looks: unfold's settings."""

from django.templatetags.static import static

# The pages' blue, as unfold wants it: shades from light to dark.
BLUE = {
    "50": "#eef3fe",
    "100": "#dde7fd",
    "200": "#c1d3fb",
    "300": "#96b5f7",
    "400": "#6690f0",
    "500": "#4170e4",
    "600": "#2f5bd0",
    "700": "#284aab",
    "800": "#263f8b",
    "900": "#243870",
    "950": "#182346",
}
UNFOLD = {
    "COLORS": {"primary": BLUE},
    "SITE_FAVICONS": [
        {
            "rel": "icon",
            "type": "image/svg+xml",
            "href": lambda _: static("scheduler_site/icon.svg"),
        }
    ],
    "SITE_TITLE": "Punctual",
    "SITE_HEADER": "Punctual",
    "SITE_URL": "/",
    "SITE_SYMBOL": "schedule",
    "STYLES": [lambda _: static("scheduler_site/admin.css")],
    "SCRIPTS": [lambda _: static("scheduler_site/admin.js")],
    "SIDEBAR": {"navigation": "scheduler_site.sidebar.sidebar"},
}
