"""Where special days come from: the calendar file of the installation, and a forecast of a year to be confirmed."""

from engine.calendars.files import VIETNAM, BadCalendarFile, CalendarSource, calendar_of, load_calendar, read_source
from engine.calendars.forecast import forecast_year

__all__ = [
    "VIETNAM",
    "BadCalendarFile",
    "CalendarSource",
    "calendar_of",
    "forecast_year",
    "load_calendar",
    "read_source",
]
