# The server, not as root, on a read-only root file system:
#   docker run --read-only --tmpfs /tmp --volume aftersales:/var/lib/aftersales aftersales serve
# A writable place is needed for /var/lib/aftersales, unless the database is PostgreSQL and the
# pictures are in a bucket, and for /tmp, in which exports are written before they are stored.

FROM python:3.11-slim AS build
WORKDIR /opt/aftersales
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1
COPY requirements.txt ./
RUN python -m venv .venv \
    && .venv/bin/python -m pip install --require-hashes --requirement requirements.txt
COPY . ./
# Editable, as everywhere: migrations and pages are found beside the code. Compiled now, because
# nothing can be written later.
RUN .venv/bin/python -m pip install --no-deps --no-build-isolation --editable . \
    && .venv/bin/python -m compileall -q ./*.py auth backups database doctor domain execution jobs models \
        outgoing projection resolvers schema transport watching .venv/lib \
    && install --directory --mode=700 /var/lib/aftersales

FROM python:3.11-slim
COPY --from=build /opt/aftersales /opt/aftersales
COPY --from=build --chown=10001:10001 /var/lib/aftersales /var/lib/aftersales
ENV PATH=/opt/aftersales/.venv/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    AFTERSALES_ENVIRONMENT=production \
    AFTERSALES_DATA_DIR=/var/lib/aftersales \
    AFTERSALES_HOST=0.0.0.0
WORKDIR /var/lib/aftersales
VOLUME /var/lib/aftersales
USER 10001:10001
EXPOSE 8000
HEALTHCHECK --interval=10s --timeout=5s --start-period=30s --retries=3 \
    CMD ["python", "-c", "from urllib.request import urlopen; urlopen('http://127.0.0.1:8000/readyz', timeout=4)"]
ENTRYPOINT ["aftersales"]
CMD ["serve"]
