"""The checks of a new application: what was bought, what was paid, what was applied for before."""

import itertools

import pytest

from domain.desk.intake import (
    MAX_NAMED_ORDERS,
    AppliedItem,
    EarlierOrder,
    amount_refusals,
    quantity_refusals,
)
from domain.refusals.intake import PaidAbovePrice, QuantityExceeded
from domain.statuses import FINAL, Status


def item(
    quantity: int = 1,
    purchased: int | None = None,
    *,
    sku: str = "A",
    price: int = 100,
    paid: int = 0,
) -> AppliedItem:
    return AppliedItem(
        sku=sku,
        quantity=quantity,
        purchased_quantity=purchased,
        unit_price=price,
        paid_amount=paid,
    )


def earlier(
    quantity: int = 1,
    purchased: int | None = None,
    *,
    sku: str = "A",
    id_: int = 7,
    status: Status = Status.PENDING_REVIEW,
    refunded: bool = False,
) -> EarlierOrder:
    return EarlierOrder(
        id=id_,
        sku=sku,
        quantity=quantity,
        purchased_quantity=purchased,
        status=status,
        is_refunded=refunded,
    )


@pytest.mark.parametrize("refunded", [False, True])
@pytest.mark.parametrize("status", list(Status))
def test_an_open_or_refunded_order_holds_its_units(status: Status, refunded: bool) -> None:
    holds = status not in FINAL or (status is Status.COMPLETED and refunded)
    refusals = list(quantity_refusals([item(1, 1)], [earlier(status=status, refunded=refunded)]))
    assert bool(refusals) is holds


def test_exactly_what_was_bought_can_be_applied_for() -> None:
    for bought, held, applied in itertools.product(range(1, 5), range(4), range(1, 5)):
        orders = [earlier(id_=id_) for id_ in range(held)]
        refusals = list(quantity_refusals([item(applied, bought)], orders))
        assert bool(refusals) is (held + applied > bought), (bought, held, applied)


def test_a_refusal_names_the_open_orders_and_the_first_item_beyond() -> None:
    orders = [earlier(2, id_=4), earlier(5, id_=5, status=Status.REJECTED), earlier(sku="B")]
    items = [item(sku="B", purchased=9), item(1, 3), item(1, 3), item(1, 3)]
    assert list(quantity_refusals(items, orders)) == [
        QuantityExceeded(
            sku="A",
            purchased=3,
            already_applied=2,
            open_orders=("4",),
            path=("items", "2", "quantity"),
        )
    ]


def test_a_refusal_names_twenty_orders_at_most() -> None:
    orders = [earlier(id_=id_) for id_ in range(MAX_NAMED_ORDERS + 5)]
    [refusal] = quantity_refusals([item(1, 1)], orders)
    assert isinstance(refusal, QuantityExceeded)
    assert (len(refusal.open_orders), refusal.already_applied) == (20, 25)


def test_a_line_of_which_nobody_states_what_was_bought_is_not_checked() -> None:
    assert list(quantity_refusals([item(9)], [earlier(9)])) == []


def test_what_an_earlier_order_stated_holds_for_an_application_that_states_nothing() -> None:
    stated = earlier(1, 2, status=Status.REJECTED)
    assert list(quantity_refusals([item(2)], [stated])) == []
    assert len(list(quantity_refusals([item(2)], [stated, earlier(1)]))) == 1


def test_the_least_that_an_application_states_holds() -> None:
    assert len(list(quantity_refusals([item(1, 2), item(2, 3)], []))) == 1
    assert list(quantity_refusals([item(1, 3), item(2, 3)], [earlier(1, 1, sku="B")])) == []


@pytest.mark.parametrize("paid", [299, 300, 301])
def test_no_more_than_price_times_quantity_can_have_been_paid(paid: int) -> None:
    expected = [PaidAbovePrice(price="3.00", path=("items", "1", "paidAmount"))]
    refusals = list(amount_refusals([item(), item(3, price=100, paid=paid)]))
    assert refusals == (expected if paid > 300 else [])
