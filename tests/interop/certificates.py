"""A certificate for 127.0.0.1 and localhost that is its own authority, made while a test runs."""

import os
import subprocess

import peers

_TIMEOUT_S = 60


def make(folder, name="server"):
    """The paths of the certificate, which is also the CA to trust, and of its key."""
    certificate, key = (os.path.join(folder, name + end) for end in (".pem", ".key"))
    run = subprocess.run(
        [peers.find("openssl", "openssl"), "req", "-x509", "-newkey", "ec",
         "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2", "-subj", "/CN=" + name,
         "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1",
         "-keyout", key, "-out", certificate],
        stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=_TIMEOUT_S, check=False)
    if run.returncode != 0:
        raise AssertionError("openssl makes no certificate: " + run.stderr)
    return certificate, key
