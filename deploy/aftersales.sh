#!/bin/sh
# Run a command with the settings and as the user of the services: install it as
# /usr/local/bin/aftersales, and call it as root.
set -eu
set -a
. "${DESK_ENVIRONMENT:-/etc/aftersales/environment}"
set +a
cd /
exec runuser -u "${DESK_USER:-aftersales}" -- /opt/aftersales/.venv/bin/aftersales "$@"
