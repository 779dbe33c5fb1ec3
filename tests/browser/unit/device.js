/** The device's key: one a profile, never to be read, and what happens where it cannot be kept; and the link that it opens. */

import { openDevice } from "/pages/client/greenroom-client.js";
import { readLink } from "/pages/client/greenroom-link.js";
import { check, equal, test } from "/unit/harness.js";

const forget = () => new Promise((resolve, reject) => {
  const request = indexedDB.deleteDatabase("greenroom");
  request.onsuccess = resolve;
  request.onerror = reject;
});

async function without(name, value, act) {
  const before = Object.getOwnPropertyDescriptor(globalThis, name);
  Object.defineProperty(globalThis, name, { value, configurable: true });
  try {
    return await act();
  } finally {
    if (before) Object.defineProperty(globalThis, name, before);
    else delete globalThis[name];
  }
}

test("a profile has one key, whichever tab asks first", async () => {
  await forget();
  const [first, second] = await Promise.all([openDevice(), openDevice()]);
  equal(first.jwk, second.jwk);
  equal((await openDevice()).jwk, first.jwk);
  equal(Object.keys(first.jwk), ["kty", "crv", "x", "y"]);
});

test("the key signs so that its public half verifies it, and cannot be read", async () => {
  const device = await openDevice();
  const text = "greenroom-claim:n";
  const signature = Uint8Array.from(atob((await device.sign(text)).replaceAll("-", "+").replaceAll("_", "/")), (char) => char.charCodeAt(0));
  equal(signature.length, 64);
  const key = await crypto.subtle.importKey("jwk", device.jwk, { name: "ECDSA", namedCurve: "P-256" }, false, ["verify"]);
  check(await crypto.subtle.verify({ name: "ECDSA", hash: "SHA-256" }, key, signature, new TextEncoder().encode(text)), "verified");
  const stored = await new Promise((resolve) => {
    const request = indexedDB.open("greenroom");
    request.onsuccess = () => {
      const asked = request.result.transaction("keys").objectStore("keys").get("device");
      asked.onsuccess = () => {
        request.result.close();
        resolve(asked.result.privateKey);
      };
    };
  });
  equal(stored.extractable, false);
});

test("a storage that was emptied gives another key", async () => {
  const before = await openDevice();
  await forget();
  check((await openDevice()).jwk.x !== before.jwk.x, "another one");
});

test("without IndexedDB there is no key", async () => {
  equal(await without("indexedDB", undefined, () => openDevice()), null);
});

test("where storage is refused there is no key", async () => {
  const refusing = { open: () => { throw new DOMException("no", "SecurityError"); } };
  equal(await without("indexedDB", refusing, () => openDevice()), null);
});

test("where storage fails there is no key", async () => {
  const failing = { open: () => {
    const request = { error: new DOMException("broken", "UnknownError") };
    setTimeout(() => request.onerror(), 0);
    return request;
  } };
  equal(await without("indexedDB", failing, () => openDevice()), null);
});

test("where storage never answers there is no key after a while", async () => {
  equal(await without("indexedDB", { open: () => ({}) }, () => openDevice({ limitMs: 20 })), null);
});

test("where reading the storage is not even allowed there is no key", async () => {
  const before = Object.getOwnPropertyDescriptor(globalThis, "indexedDB");
  Object.defineProperty(globalThis, "indexedDB", { configurable: true, get: () => { throw new DOMException("no", "SecurityError"); } });
  try {
    equal(await openDevice(), null);
  } finally {
    if (before) Object.defineProperty(globalThis, "indexedDB", before);
    else delete globalThis.indexedDB;
  }
});

test("a link is read, and one that was mangled is none", async () => {
  equal(readLink("https://rooms.example.org/join/a%20b#s%2Bt"), { url: "https://rooms.example.org", roomId: "a b", secret: "s+t" });
  for (const href of ["/join/r1#abc%", "/join/r%1#abc", "/join/r1", "/join/r1#", "/media/r1#abc", "https://"]) equal(readLink(href), null, href);
});
