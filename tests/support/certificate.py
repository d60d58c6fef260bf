"""Makes self-signed certificates for a name or address of this machine."""

import ssl
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec


def write_certificate(host: str, certificate: Path, key: Path | None = None, *, days: int = 30) -> Path:
    """Write a self-signed certificate and its key as PEM into one or two files. Returns the path of the certificate."""
    secret = ec.generate_private_key(ec.SECP256R1())
    name, now = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, host)]), datetime.now(UTC)
    subject = x509.IPAddress(ip_address(host)) if host[0].isdigit() else x509.DNSName(host)
    signed = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(secret.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + timedelta(days=days))
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(secret.public_key()), critical=False)
        .add_extension(x509.SubjectAlternativeName([subject]), critical=False)
        .sign(secret, hashes.SHA256())
        .public_bytes(serialization.Encoding.PEM)
    )
    private = secret.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    if key is not None:
        key.write_bytes(private)
    certificate.write_bytes(signed if key is not None else private + signed)
    return certificate


def server_context(certificate: Path) -> ssl.SSLContext:
    """Return the TLS context of a server. The file must contain both the certificate and the key."""
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(certificate)
    return context
