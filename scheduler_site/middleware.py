"""The Content-Security-Policy of our pages, and the wider one that the admin needs."""

from csp.constants import SELF, UNSAFE_EVAL, UNSAFE_INLINE
from csp.middleware import CSPMiddleware, PolicyParts
from django.http import HttpRequest, HttpResponseBase
from django.urls import reverse

# Unfold's templates hold inline handlers and Alpine expressions, which are evaluated from text.
ADMIN_DIRECTIVES = {
    "script-src": [SELF, UNSAFE_INLINE, UNSAFE_EVAL],
    "style-src": [SELF, UNSAFE_INLINE],
}


class ContentSecurityPolicyMiddleware(CSPMiddleware):
    """Adds the policy of settings.CONTENT_SECURITY_POLICY; nothing is loaded from other hosts."""

    def get_policy_parts(
        self, request: HttpRequest, response: HttpResponseBase, report_only: bool = False
    ) -> PolicyParts:
        """Return the policy for this page, widened under the admin's address."""
        parts: PolicyParts = super().get_policy_parts(request, response, report_only)
        if not report_only and request.path.startswith(reverse("admin:index")):
            parts.replace = ADMIN_DIRECTIVES | (parts.replace or {})
        return parts
