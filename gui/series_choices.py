"""What a reader may ask of the series in view: another order, its parts joined and apart again."""

from collections.abc import Callable
from functools import partial

from core.studies.order import Order
from gui.showing import Showing
from gui.workspace import Workspace

ORDERS = {
    "series.by-position": Order.POSITION, "series.by-number": Order.NUMBER, "series.by-time": Order.TIME,
    "series.by-name": Order.NAME,
}
JOIN = "series.join"


class SeriesChoices:
    """Carries the commands of the active cell's series to the workspace; the shown image stays."""

    def __init__(self, workspace: Workspace, showing: Showing) -> None:
        self._workspace, self._showing = workspace, showing

    def commands(self) -> dict[str, Callable[[], object]]:
        """Return what is called for each command."""
        return {JOIN: self.toggle_join, **{name: partial(self.sort, order) for name, order in ORDERS.items()}}

    def switches(self) -> dict[str, Callable[[], bool]]:
        """Return whether each command is on."""
        return {JOIN: lambda: self._is_joined, **{name: partial(self._is_by, one) for name, one in ORDERS.items()}}

    def situation(self) -> dict[str, bool]:
        """Return what tells the images of the series apart, and whether it was split, as `Situation` has it."""
        series = self._showing.active_series
        orders = frozenset() if series is None else series.orders
        return {
            "has_positions": Order.POSITION in orders, "has_numbers": Order.NUMBER in orders,
            "has_times": Order.TIME in orders, "has_names": Order.NAME in orders,
            "is_split": series is not None and self._workspace.may_join(series),
        }

    def sort(self, order: Order) -> None:
        """Put the series in another order."""
        series = self._showing.active_series
        if series is not None:
            self._workspace.sort(series, order)
            self._showing.update_positions()

    def toggle_join(self) -> None:
        """Join the parts of the series, or take them apart again."""
        series = self._showing.active_series
        if series is not None:
            self._workspace.join(series, not series.stack.is_joined)
            self._showing.update_positions()

    @property
    def _is_joined(self) -> bool:
        series = self._showing.active_series
        return series is not None and series.stack.is_joined

    def _is_by(self, order: Order) -> bool:
        series = self._showing.active_series
        return series is not None and series.stack.order is order
