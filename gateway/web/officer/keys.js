/**
 * What this browser keeps of its officer: code, name and the pair of keys, of which nobody can read the private one. Nothing
 * of any citizen is ever kept.
 */
const DATABASE = "kiosk-officer";
const STORE = "officer";
/** There is one officer to a browser. */
const ONLY = "this";

async function withStore(mode, work) {
  const database = await asked(indexedDB.open(DATABASE, 1), (request) =>
    (request.onupgradeneeded = () => request.result.createObjectStore(STORE)));
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

function asked(request, prepare = () => {}) {
  prepare(request);
  return new Promise((done, failed) => {
    request.onsuccess = () => done(request.result);
    request.onerror = () => failed(request.error);
  });
}

/** `{ officer, name, keys }`, or nothing. */
export const recall = () => withStore("readonly", (store) => store.get(ONLY));

/** Keeps it in the place of what was there. */
export const keep = (record) => withStore("readwrite", (store) => store.put(record, ONLY));
