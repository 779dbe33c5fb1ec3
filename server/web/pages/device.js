/**
 * This browser profile's key: made here, kept in IndexedDB, never exportable. It proves that a claim and each
 * connection come from the same device. Where the browser cannot do it, the server's cookie alone has to.
 */

const DATABASE = "greenroom";
const STORE = "keys";
const DEVICE = "device";
const ALGORITHM = { name: "ECDSA", namedCurve: "P-256" };
const SIGNATURE = { name: "ECDSA", hash: "SHA-256" };
const TIME_LIMIT_MS = 4_000;

export const claimText = (nonce) => `greenroom-claim:${nonce}`;
export const helloText = (nonce) => `greenroom-hello:${nonce}`;

/**
 * The device's key, made at the first call; null where WebCrypto or IndexedDB is absent.
 * @returns {Promise<{jwk: object, sign: (text: string) => Promise<string>} | null>}
 */
export async function openDevice() {
  if (!globalThis.crypto?.subtle || !globalThis.indexedDB) return null;
  try {
    const pair = await withinTime(storedPair());
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
  const pair = await new Promise((resolve, reject) => {
    const request = store.get(DEVICE);
    request.onerror = () => reject(request.error);
    request.onsuccess = () => {
      if (!request.result) store.put(made, DEVICE);
      resolve(request.result ?? made);
    };
  });
  await new Promise((resolve, reject) => {
    transaction.oncomplete = resolve;
    transaction.onabort = transaction.onerror = () => reject(transaction.error);
  });
  return pair;
}

async function signed(privateKey, text) {
  const signature = await crypto.subtle.sign(SIGNATURE, privateKey, new TextEncoder().encode(text));
  return base64url(new Uint8Array(signature));
}

function base64url(bytes) {
  return btoa(String.fromCharCode(...bytes)).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}

function asked(request) {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}

function withinTime(promise) {
  const late = new Promise((_, reject) => setTimeout(() => reject(new Error("storage does not answer")), TIME_LIMIT_MS));
  return Promise.race([promise, late]);
}
