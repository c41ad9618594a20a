"""The policy within the page of a schedule."""

from typing import Any

from beat.forms.dressing import dress
from beat.forms.policies import PolicyForm

# Pausing is an action of its own, with a reason and somebody who did it.
PAUSE = ("is_paused", "paused_until", "pause_reason")


class EditorPolicyForm(PolicyForm):
    """A policy without what belongs to actions."""

    class Meta(PolicyForm.Meta):
        exclude = ("schedule", *PAUSE)  # type: ignore[assignment]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Give the fields their look."""
        super().__init__(*args, **kwargs)
        self.fields["calendar"].empty_label = "None: due on all days"  # type: ignore[attr-defined]
        for name in ("retry_on", "alert_to"):
            self.fields[name].widget.attrs["rows"] = 2
        dress(self)
