"""From a token to the one who bears it, and the passwords behind stand-alone accounts.

Adapters over PyJWT, httpx and argon2. Nothing here knows HTTP requests, the database or the product's errors: the
api translates.
"""
