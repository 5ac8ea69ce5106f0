"""A certificate of a server on loopback."""

import ssl
from ipaddress import ip_address
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from mitmproxy.certs import CertStore


def a_certificate_that_the_proxy_trusts(home: Path) -> tuple[ssl.SSLContext, str]:
    """Return a certificate for loopback and its fingerprint; mitmproxy's settings in this home trust its issuer."""
    authority = CertStore.from_store(home / "authority", "upstream", 2048)
    made = authority.get_cert("127.0.0.1", [x509.IPAddress(ip_address("127.0.0.1"))])
    pem = home / "server.pem"
    key = made.privatekey.private_bytes(Encoding.PEM, PrivateFormat.TraditionalOpenSSL, NoEncryption())
    pem.write_bytes(made.cert.to_pem() + key)
    (home / ".mitmproxy").mkdir()
    trusted = home / "authority" / "upstream-ca-cert.pem"
    (home / ".mitmproxy" / "config.yaml").write_text(f"ssl_verify_upstream_trusted_ca: {trusted}\n")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pem)
    return context, made.cert.fingerprint().hex()
