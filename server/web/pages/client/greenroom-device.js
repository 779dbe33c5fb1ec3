/**
 * This browser profile's key: made here, kept in IndexedDB, never exportable. It proves that a claim and each connection
 * come from the same device.
 *
 * Where the browser cannot do it (no WebCrypto on a page without https, storage refused or silent), the server's cookie alone
 * stands for the device. Where the storage was emptied there is another key: the cookie still says which device it was, and
 * the invited address is to be given once more. In a frame of another site browsers keep a storage of its own: another device.
 */

const DATABASE = "greenroom";
const STORE = "keys";
const DEVICE = "device";
const ALGORITHM = { name: "ECDSA", namedCurve: "P-256" };
const SIGNATURE = { name: "ECDSA", hash: "SHA-256" };
const TIME_LIMIT_MS = 4_000;

/** What a device signs, for a claim over HTTP and for `hello` on the websocket. */
export const claimText = (nonce) => `greenroom-claim:${nonce}`;
export const helloText = (nonce) => `greenroom-hello:${nonce}`;

/** The device's key, made at the first call: `jwk`, its public half, and `sign`; null where there can be none. */
export async function openDevice({ limitMs = TIME_LIMIT_MS } = {}) {
  try {
    if (!globalThis.crypto?.subtle || !globalThis.indexedDB) return null;
    const pair = await withinTime(storedPair(), limitMs);
    const { kty, crv, x, y } = await crypto.subtle.exportKey("jwk", pair.publicKey);
    return { jwk: { kty, crv, x, y }, sign: (text) => signed(pair.privateKey, text) };
  } catch (error) {
    console.warn("No device key in this browser; its cookie stands in.", error);
    return null;
  }
}

async function storedPair() {
  const database = await asked(opening());
  try {
    const known = await asked(database.transaction(STORE).objectStore(STORE).get(DEVICE));
    return known ?? await keepFirst(database, await crypto.subtle.generateKey(ALGORITHM, false, ["sign"]));
  } finally {
    database.close();
  }
}

function opening() {
  const request = indexedDB.open(DATABASE, 1);
  request.onupgradeneeded = () => request.result.createObjectStore(STORE);
  return request;
}

// Two tabs may both have found nothing: whichever writes first wins, and both use what is there, in one transaction.
async function keepFirst(database, made) {
  const transaction = database.transaction(STORE, "readwrite");
  const store = transaction.objectStore(STORE);
  const done = new Promise((resolve, reject) => {
    transaction.oncomplete = resolve;
    transaction.onabort = transaction.onerror = () => reject(transaction.error);
  });
  done.catch(() => {}); // told below, unless asking fails first
  const known = await asked(store.get(DEVICE));
  if (!known) store.put(made, DEVICE);
  await done;
  return known ?? made;
}

async function signed(privateKey, text) {
  const signature = await crypto.subtle.sign(SIGNATURE, privateKey, new TextEncoder().encode(text));
  return btoa(String.fromCharCode(...new Uint8Array(signature))).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}

function asked(request) {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}

function withinTime(promise, limitMs) {
  const late = new Promise((_, reject) => setTimeout(() => reject(new Error("storage does not answer")), limitMs));
  return Promise.race([promise, late]);
}
