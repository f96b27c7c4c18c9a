# PgBouncer in front of the database of compose.yaml.
FROM debian:trixie-slim
# The version of Debian's stable release, with its security updates.
# hadolint ignore=DL3008
RUN apt-get update \
    && apt-get install --yes --no-install-recommends pgbouncer \
    && rm -rf /var/lib/apt/lists/*
COPY pgbouncer.ini /etc/pgbouncer/pgbouncer.ini
COPY --chmod=755 pgbouncer.sh /usr/local/bin/start-pgbouncer
USER 65534:65534
EXPOSE 6432
ENTRYPOINT ["start-pgbouncer"]
CMD ["/etc/pgbouncer/pgbouncer.ini"]
