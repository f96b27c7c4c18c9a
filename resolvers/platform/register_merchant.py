"""Registering a merchant and its main account; the enrolment comes later."""

from auth.passwords import hash_password
from domain.actors import ActorKind
from domain.characters import folded
from domain.roles import STARTER_ROLES
from domain.staff_history import StaffEventKind
from models.accounts import Account
from models.ids import new_id
from models.journal.staff import record_staff
from models.merchant import Merchant
from models.staff import Employee, Role
from models.tables import add
from resolvers.context import Context
from resolvers.staff.employees import check_login
from resolvers.staff.history import employee_values, role_values


async def register_merchant(
    context: Context, *, name: str, login: str, password: str, main_account_name: str
) -> int:
    """Return the merchant's id. Raises Refused."""
    merchant_id, account_id = new_id(), new_id()
    password_hash = await hash_password(password)
    roles = [
        Role(
            merchant_id=merchant_id,
            id=new_id(),
            name=role.name,
            name_key=folded(role.name),
            permissions=sorted(role.permissions),
            created_at=context.now,
            updated_at=context.now,
        )
        for role in STARTER_ROLES
    ]
    async with context.write() as connection:
        await check_login(connection, login)
        await add(
            connection,
            Merchant(id=merchant_id, name=name, created_at=context.now),
            Account(
                id=account_id,
                login=login,
                password_hash=password_hash,
                kind=ActorKind.MAIN_ACCOUNT,
                merchant_id=merchant_id,
                name=main_account_name,
                created_at=context.now,
            ),
            Employee(
                merchant_id=merchant_id,
                id=account_id,
                name=main_account_name,
                login=login,
                is_main=True,
                created_at=context.now,
            ),
            *roles,
        )
        await record_staff(
            connection,
            merchant_id,
            StaffEventKind.EMPLOYEE_CREATED,
            context.viewer.actor,
            context.now,
            subject=main_account_name,
            before={},
            after=employee_values(
                name=main_account_name,
                login=login,
                extra_permissions=(),
                refund_ceiling=None,
                roles_held=(),
            ),
            employee_id=account_id,
        )
        for role in roles:
            await record_staff(
                connection,
                merchant_id,
                StaffEventKind.ROLE_CREATED,
                context.viewer.actor,
                context.now,
                subject=role.name,
                before={},
                after=role_values(
                    name=role.name, permissions=role.permissions, refund_ceiling=None
                ),
                role_id=role.id,
            )
    return merchant_id
