"""How a reader wants series to be gone through: parts joined again, another order. What is not named stays as it is."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from itertools import chain
from types import MappingProxyType

from core.studies.order import Order, frames_by
from core.studies.stack import Stack
from core.studies.study import Series


@dataclass(frozen=True, slots=True)
class Arrangement:
    """A reader's choices; each change is a new value, so that the one before can be gone back to.

    `joined` are the keys of series whose parts are gone through as one, `orders` the orders of stacks by their keys.
    Series are never joined with each other (IHE BIR).
    """

    joined: frozenset[str] = frozenset()
    orders: Mapping[str, Order] = field(default_factory=lambda: MappingProxyType({}))

    def with_joined(self, series_key: str, is_joined: bool) -> "Arrangement":
        """Return the choices with the parts of a series joined, or apart again."""
        joined = self.joined | {series_key} if is_joined else self.joined - {series_key}
        return replace(self, joined=joined)

    def with_order(self, stack_key: str, order: Order) -> "Arrangement":
        """Return the choices with another order for a stack."""
        return replace(self, orders=MappingProxyType({**self.orders, stack_key: order}))


def arranged(series: Series, arrangement: Arrangement) -> tuple[Stack, ...]:
    """Return the stacks of a series as a reader wants them; what nobody asked for is the same object as before."""
    stacks = series.stacks
    if series.key in arrangement.joined and len(stacks) > 1:
        stacks = (joined(series.key, stacks),)
    return tuple(in_order(stack, arrangement.orders.get(stack.key, Order.POSITION)) for stack in stacks)


def joined(key: str, stacks: tuple[Stack, ...]) -> Stack:
    """Return all frames of a series as one stack, which tells still what sets them apart."""
    frames = chain.from_iterable(stack.frames for stack in stacks)
    return Stack(key, tuple(frames_by(Order.POSITION, frames)), "", stacks[0].splits, is_joined=True)


def in_order(stack: Stack, order: Order) -> Stack:
    """Return a stack in an order; the same object where it is in it."""
    return stack if order is stack.order else replace(stack, frames=tuple(frames_by(order, stack.frames)), order=order)
