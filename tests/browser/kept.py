"""All that a browser keeps of a page, by place: what must be there, and what must be nowhere."""

from playwright.async_api import Page

_PLACES = """async (wanted) => {
  const asked = (request) => new Promise((done, failed) => {
    request.onsuccess = () => done(request.result);
    request.onerror = () => failed(request.error);
  });
  const found = [];
  const look = (place, kept) => {
    if ((typeof kept === 'string' ? kept : JSON.stringify(kept) ?? '').includes(wanted)) found.push(place);
  };
  look('address', location.href);
  look('history', history.state);
  look('addresses before', navigation.entries().map(({ url }) => url));
  look('cookies', document.cookie);
  look('localStorage', { ...localStorage });
  look('sessionStorage', { ...sessionStorage });
  for (const { name } of await indexedDB.databases()) {
    const database = await asked(indexedDB.open(name));
    for (const store of database.objectStoreNames) {
      const held = database.transaction(store).objectStore(store);
      look('IndexedDB', [await asked(held.getAllKeys()), await asked(held.getAll())]);
    }
    database.close();
  }
  for (const name of await caches.keys()) {
    const cache = await caches.open(name);
    for (const request of await cache.keys()) {
      look('Cache Storage', `${request.url} ${await (await cache.match(request)).text()}`);
    }
  }
  return [...new Set(found)];
}"""


async def places(page: Page, text: str) -> list[str]:
    """Return where a text is kept."""
    found: list[str] = await page.evaluate(_PLACES, text)
    return found
