/**
 * What this browser keeps of its officers: of each the code, the name and the pair of keys, of which nobody can read the private
 * one. Nothing of any citizen is ever kept.
 */
const DATABASE = "kiosk-officer";
/** Each officer's record, by his code. */
const STORE = "officer";
/** Version 1 kept one officer, under this key. */
const VERSION = 2;
const ONLY = "this";

async function withStore(mode, work) {
  const database = await asked(indexedDB.open(DATABASE, VERSION), (request) => (request.onupgradeneeded = ({ oldVersion }) => upgrade(request, oldVersion)));
  try {
    const transaction = database.transaction(STORE, mode);
    const result = await asked(work(transaction.objectStore(STORE)));
    // A key that is told to be kept is kept.
    if (mode === "readwrite") await new Promise((done, failed) => Object.assign(transaction, { oncomplete: done, onabort: failed }));
    return result;
  } finally {
    database.close();
  }
}

function upgrade({ result: database, transaction }, oldVersion) {
  if (oldVersion < 1) return database.createObjectStore(STORE);
  const store = transaction.objectStore(STORE);
  store.get(ONLY).onsuccess = ({ target: { result: record } }) => {
    store.delete(ONLY);
    if (record) store.put(record, record.officer);
  };
}

function asked(request, prepare = () => {}) {
  prepare(request);
  return new Promise((done, failed) => {
    request.onsuccess = () => done(request.result);
    request.onerror = () => failed(request.error);
  });
}

/** The officers, each `{ officer, name, keys }`, by name. */
export async function recall() {
  const records = await withStore("readonly", (store) => store.getAll());
  return records.sort((a, b) => a.name.localeCompare(b.name, "vi"));
}

/** Keeps it in the place of what there was of the same officer. */
export const keep = (record) => withStore("readwrite", (store) => store.put(record, record.officer));
