import { graphql } from '../../api/graphql';
import type { EmployeesQuery, RolesQuery, StaffHistoryQuery } from '../../api/graphql/graphql';

graphql(`
  fragment EmployeeFacts on Employee {
    id name login isMainAccount extraPermissions refundCeiling disabledAt unfinishedOrders
    roles { id name }
  }
`);

export const EMPLOYEES = graphql(`
  query Employees($after: String) {
    employees(first: 50, after: $after) {
      nodes { ...EmployeeFacts }
      pageInfo { hasNextPage endCursor }
      totalCount
    }
  }
`);
export type Employee = NonNullable<EmployeesQuery['employees']>['nodes'][number];

export const ROLES = graphql(`
  query Roles { roles { id name permissions refundCeiling updatedAt } }
`);
export type Role = NonNullable<RolesQuery['roles']>[number];

export const COVERAGE = graphql(`query Coverage { coverage { permission holders } }`);
export const CATALOGUE = graphql(`query PermissionCatalogue { permissions { permission name description holders scopeGiver } }`);

export const HISTORY = graphql(`
  query StaffHistory($employeeId: ID, $after: String) {
    staffHistory(employeeId: $employeeId, first: 30, after: $after) {
      nodes {
        sequence kind at subject changed granted withdrawn
        actor { kind name }
        before { name roles refundCeiling }
        after { name roles refundCeiling }
      }
      pageInfo { hasNextPage endCursor }
      totalCount
    }
  }
`);
export type Event = NonNullable<StaffHistoryQuery['staffHistory']>['nodes'][number];

export const EMPLOYEE_PREVIEW = graphql(`
  query EmployeePreview($employeeId: ID!, $roleIds: [ID!], $extraPermissions: [Permission!], $refundCeiling: Money) {
    employeePreview(employeeId: $employeeId, roleIds: $roleIds, extraPermissions: $extraPermissions, refundCeiling: $refundCeiling) {
      gains loses refundCeilingBefore refundCeilingAfter orphaned openOrders
      connectors { connectorId name loses }
    }
  }
`);
export const ROLE_PREVIEW = graphql(`
  query RolePreview($roleId: ID!, $permissions: [Permission!], $refundCeiling: Money) {
    rolePreview(roleId: $roleId, permissions: $permissions, refundCeiling: $refundCeiling) {
      effects { employeeId name gains loses refundCeilingBefore refundCeilingAfter }
      orphaned
    }
  }
`);

export const CREATE_EMPLOYEE = graphql(`
  mutation CreateEmployee($input: CreateEmployeeInput!) {
    createEmployee(input: $input) { employee { ...EmployeeFacts } refusals { code message path } }
  }
`);
export const UPDATE_EMPLOYEE = graphql(`
  mutation UpdateEmployee($input: UpdateEmployeeInput!) {
    updateEmployee(input: $input) { employee { ...EmployeeFacts } refusals { code message path } }
  }
`);
export const DISABLE_EMPLOYEE = graphql(`
  mutation DisableEmployee($input: DisableEmployeeInput!) {
    disableEmployee(input: $input) { employee { ...EmployeeFacts } freed refusals { code message path } }
  }
`);
export const ENABLE_EMPLOYEE = graphql(`
  mutation EnableEmployee($input: EnableEmployeeInput!) {
    enableEmployee(input: $input) { employee { ...EmployeeFacts } refusals { code message path } }
  }
`);
export const ISSUE_RESET = graphql(`
  mutation IssueEmployeeReset($input: IssueEmployeePasswordResetInput!) {
    issueEmployeePasswordReset(input: $input) { code expiresAt refusals { code message path } }
  }
`);
export const CREATE_ROLE = graphql(`
  mutation CreateRole($input: CreateRoleInput!) {
    createRole(input: $input) { role { id name permissions refundCeiling updatedAt } refusals { code message path } }
  }
`);
export const UPDATE_ROLE = graphql(`
  mutation UpdateRole($input: UpdateRoleInput!) {
    updateRole(input: $input) { role { id name permissions refundCeiling updatedAt } refusals { code message path } }
  }
`);
export const DELETE_ROLE = graphql(`
  mutation DeleteRole($input: DeleteRoleInput!) {
    deleteRole(input: $input) { done deletedId refusals { code message path } }
  }
`);
