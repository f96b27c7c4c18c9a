"""The items of applications: goods, and a plausible complaint about them."""

from random import Random
from typing import Final

from demo.case import Case
from demo.goods import GOODS
from demo.people import Shop
from demo.pictures import Album
from demo.places import Customer
from demo.words import FAULT, PROBLEMS
from domain.actors import Actor, ActorKind
from domain.applications import LogisticsIn
from domain.permissions import Permission

_QUANTITIES: Final = (1, 2, 3)
_DISCOUNTS: Final = (0, 0, 5, 10, 20)
_DAYS: Final = (3, 15)


def complaint(
    random: Random, shop: Shop, album: Album, customer: Customer, logistics_in: LogisticsIn
) -> Case:
    """A case that a customer of the merchant may apply for."""
    trade = shop.plan.key
    goods, problems = random.choice(GOODS[trade]), PROBLEMS[trade]
    (problem,) = random.choices(problems, [problem.weight for problem in problems])
    words = random.choice(goods.faults if problem.reason == FAULT else problem.words)
    (quantity,) = random.choices(_QUANTITIES, (12, 2, 1))
    return Case(
        shop=shop,
        album=album,
        customer=Actor(
            kind=ActorKind.CUSTOMER,
            id=0,
            name=customer.ref,
            permissions=frozenset({Permission.CUSTOMER_ACT}),
            merchant_id=shop.id,
            customer_ref=customer.ref,
        ),
        goods=goods,
        quantity=quantity,
        paid=(goods.price * quantity - random.choice(_DISCOUNTS)) * 100,
        expectation=random.choice(problem.wishes),
        reason=problem.reason,
        description=words.format(days=random.randint(*_DAYS)),
        logistics_in=logistics_in,
    )
