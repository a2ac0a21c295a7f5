/** Storage in IndexedDB: one database per name, one object store per table. */

import type { Storage, Table } from '../ports.js';
import { memoryStorage } from './memory-world.js';

const VERSION = 1;
const TABLES: readonly Table[] = ['outbox', 'drafts', 'state'];

/** Where it cannot be opened, as in some private windows, values live as long as the page. */
export function indexedDbStorage(name: string): Storage {
  const database = createDatabase(name);
  let chosen: Promise<Storage> | undefined;
  const choose = (): Promise<Storage> => {
    chosen ??= database.open().then(
      () => tablesOf(database),
      () => memoryStorage(),
    );
    return chosen;
  };
  return {
    get: async (table, key) => (await choose()).get(table, key),
    all: async (table) => (await choose()).all(table),
    put: async (table, key, value) => (await choose()).put(table, key, value),
    delete: async (table, key) => (await choose()).delete(table, key),
    clear: async () => (await choose()).clear(),
  };
}

interface Database {
  readonly open: () => Promise<IDBDatabase>;
  /** Opens anew next time. */
  readonly forget: () => void;
}

function tablesOf(database: Database): Storage {
  const on = <T>(table: Table, mode: IDBTransactionMode, work: (store: IDBObjectStore) => IDBRequest<T>): Promise<T> =>
    within(database, mode, (transaction) => work(transaction.objectStore(table)));
  return {
    get: (table, key) => on(table, 'readonly', (store) => store.get(key)),
    all: (table) => on(table, 'readonly', (store) => store.getAll()),
    put: async (table, key, value) => {
      await on(table, 'readwrite', (store) => store.put(value, key));
    },
    delete: (table, key) => on(table, 'readwrite', (store) => store.delete(key)),
    clear: async () => {
      const clear = (store: IDBObjectStore): IDBRequest<undefined> => store.clear();
      await Promise.all(TABLES.map((table) => on(table, 'readwrite', clear)));
    },
  };
}

/** Resolves when the transaction is complete: what was put is there for good then. */
async function within<T>(
  database: Database,
  mode: IDBTransactionMode,
  work: (transaction: IDBTransaction) => IDBRequest<T>,
): Promise<T> {
  const transaction = await begin(database, mode);
  return await new Promise((resolve, reject) => {
    const request = work(transaction);
    transaction.oncomplete = () => resolve(request.result);
    transaction.onabort = () => reject(transaction.error ?? new Error('The transaction was aborted'));
  });
}

/** A connection may have been closed by the browser since: then once more, on a new one. */
async function begin(database: Database, mode: IDBTransactionMode): Promise<IDBTransaction> {
  const connection = await database.open();
  try {
    return connection.transaction([...TABLES], mode);
  } catch (error) {
    if (!(error instanceof DOMException && error.name === 'InvalidStateError')) throw error;
    database.forget();
    return (await database.open()).transaction([...TABLES], mode);
  }
}

function createDatabase(name: string): Database {
  let connection: Promise<IDBDatabase> | undefined;
  const forget = (): void => {
    connection = undefined;
  };
  return {
    open: () => {
      connection ??= connect(name, forget);
      return connection;
    },
    forget,
  };
}

function connect(name: string, lost: () => void): Promise<IDBDatabase> {
  return new Promise((resolve, reject) => {
    const request = indexedDB.open(name, VERSION);
    request.onupgradeneeded = () => {
      for (const table of TABLES) request.result.createObjectStore(table);
    };
    request.onerror = () => {
      lost();
      reject(request.error ?? new Error('The database cannot be opened'));
    };
    request.onsuccess = () => {
      const database = request.result;
      database.onversionchange = () => database.close(); // so that nobody who deletes it waits for this page
      resolve(database);
    };
  });
}
