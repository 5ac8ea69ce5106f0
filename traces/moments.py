"""Moments that a person names: an age (`90m`, `12h`, `7d`, `2w`) or a date in ISO 8601."""

import re
from datetime import UTC, datetime, timedelta

from traces.errors import ToolkitError

_UNITS = {"m": timedelta(minutes=1), "h": timedelta(hours=1), "d": timedelta(days=1), "w": timedelta(weeks=1)}


def moment(words: str, now: datetime) -> datetime:
    """Return the moment, in UTC, that is this long before `now`, or that has this date. Raises ToolkitError."""
    try:
        if age := re.fullmatch(r"(\d{1,6})([mhdw])", words.strip()):
            return now.astimezone(UTC) - int(age[1]) * _UNITS[age[2]]
        date = datetime.fromisoformat(words.strip())
        return (date if date.tzinfo else date.astimezone()).astimezone(UTC)
    except (ValueError, OverflowError):
        raise ToolkitError(
            f"{words}: neither an age, as 90m, 12h, 7d or 2w, nor a date, as 2026-11-20 or 2026-11-20T09:30."
        ) from None


def timestamp(moment: datetime) -> str:
    """Return the moment as traces write it: in UTC, with milliseconds."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
