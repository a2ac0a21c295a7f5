"""What the tests of tokens share: a clock that is set by hand, and key pairs, made once because RSA keys take long."""

from dataclasses import dataclass

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa


@dataclass
class HandClock:
    """Seconds that pass only when a test says so."""

    now: float = 1_800_000_000.0

    def __call__(self) -> float:
        """The time."""
        return self.now


@pytest.fixture
def clock() -> HandClock:
    """A clock of this test's own."""
    return HandClock()


@pytest.fixture(scope="session")
def rsa_key() -> rsa.RSAPrivateKey:
    """The platform's RSA key."""
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


@pytest.fixture(scope="session")
def other_rsa_key() -> rsa.RSAPrivateKey:
    """An RSA key that is not the platform's, or not yet."""
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)
