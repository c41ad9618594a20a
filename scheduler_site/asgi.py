"""The web application for `gunicorn -k asgi scheduler_site.asgi:application`."""

import os
import warnings

from django.core.asgi import get_asgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "scheduler_site.settings")

# Static files are small and come from memory or a proxy; Django's advice to stream them
# asynchronously would be printed by every web process.
warnings.filterwarnings("ignore", message="StreamingHttpResponse must consume synchronous")

application = get_asgi_application()
