"""Calendars and their days."""

from django.contrib import admin
from unfold.admin import ModelAdmin, TabularInline

from beat.forms.calendars import CalendarEntryForm, CalendarForm
from beat.models import Calendar, CalendarEntry


class CalendarEntries(TabularInline):  # type: ignore[misc]
    """The days of a calendar."""

    model = CalendarEntry
    form = CalendarEntryForm
    extra = 1


@admin.register(Calendar)
class CalendarAdmin(ModelAdmin):  # type: ignore[misc]
    """Days and windows on which schedules are not due, or on which alone they are."""

    form = CalendarForm
    list_display = ("name", "allows", "timezone", "country", "subdivision")
    search_fields = ("name",)
    inlines = (CalendarEntries,)
