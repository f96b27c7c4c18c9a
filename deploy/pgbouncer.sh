#!/bin/sh
# Start PgBouncer with the password of the environment, which its configuration cannot read itself.
set -eu
umask 077
users="${TMPDIR:-/tmp}/users.txt"
printf '"aftersales" "%s"\n' "$DATABASE_PASSWORD" >"$users"
cd "${TMPDIR:-/tmp}"
exec pgbouncer "$@"
