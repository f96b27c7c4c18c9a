"""Certificates for servers of tests, by an authority that only the tests trust."""

import ssl
from datetime import UTC, datetime, timedelta
from functools import cache
from ipaddress import ip_address
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

_DAY = timedelta(days=1)


@cache
def _authority() -> tuple[ec.EllipticCurvePrivateKey, x509.Certificate]:
    key = ec.generate_private_key(ec.SECP256R1())
    name = _name("authority of the tests")
    builder = _builder(name, name, key.public_key(), datetime.now(UTC))
    constraints = x509.BasicConstraints(ca=True, path_length=0)
    return key, builder.add_extension(constraints, critical=True).sign(key, hashes.SHA256())


def trusting() -> ssl.SSLContext:
    """The context of a client that trusts the authority of the tests, and no other."""
    _, certificate = _authority()
    text = certificate.public_bytes(serialization.Encoding.PEM).decode()
    return ssl.create_default_context(cadata=text)


def serving(folder: Path, host: str, *, expired: bool = False) -> ssl.SSLContext:
    """The context of a server with a certificate for the host."""
    authority_key, authority = _authority()
    key = ec.generate_private_key(ec.SECP256R1())
    start = datetime.now(UTC) - (10 * _DAY if expired else timedelta())
    builder = _builder(_name(host), authority.subject, key.public_key(), start)
    is_address = host.replace(".", "").isdigit()
    name = x509.IPAddress(ip_address(host)) if is_address else x509.DNSName(host)
    builder = builder.add_extension(x509.SubjectAlternativeName([name]), critical=False)
    certificate = builder.sign(authority_key, hashes.SHA256())
    file = folder / f"{host}.pem"
    file.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        + certificate.public_bytes(serialization.Encoding.PEM)
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(file)
    return context


def _name(text: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])


def _builder(
    subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePublicKey, start: datetime
) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(start - _DAY)
        .not_valid_after(start + 5 * _DAY)
    )
