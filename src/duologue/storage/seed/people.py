"""Who lives in the seeded world: twelve people, who follows whom, and their one password."""

from uuid import UUID, uuid5

PASSWORD = "demo-password"  # noqa: S105  of invented people, printed for everybody

# username, display name
PEOPLE = (
    ("amara", "Amara Okafor"),
    ("bruno", "Bruno Teixeira"),
    ("chiara", "Chiara Lombardi"),
    ("dmitri", "Dmitri Volkov"),
    ("elif", "Elif Yıldız"),  # noqa: RUF001  a Turkish name is written so
    ("finn", "Finn Larsen"),
    ("grace", "Grace Nakamura"),
    ("hassan", "Hassan El-Amin"),
    ("ines", "Inés Quiroga"),
    ("jonas", "Jonas Weber"),
    ("kavya", "Kavya Raman"),
    ("lucas", "Lucas Moreau"),
)
CAREFUL = "kavya"  # takes messages from followers alone; everybody she talks with follows her
BLOCK = ("chiara", "dmitri")  # the first blocks the second, after a while
FOLLOWS = (("amara", "bruno"), ("bruno", "amara"), ("elif", "grace"), ("finn", "ines"), ("lucas", "amara"))

_WORLD = UUID("6d0f4f0e-7f0b-5b7e-9d3b-2f1f5f0c9a11")


def id_of(username: str) -> UUID:
    """The same id in every seeded database."""
    return uuid5(_WORLD, username)
