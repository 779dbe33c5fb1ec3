/** HTTP as the person of a RoomClient: with their newest session token. */

import { request } from "../client/greenroom-http.js";
import { Refused } from "../client/greenroom-client.js";

const tokens = new WeakMap();

/** Remember the tokens of `client` from now on; before it connects. */
export function followToken(client) {
  client.on("token", ({ token }) => tokens.set(client, token));
}

async function tokenOf(client) {
  return tokens.get(client) ?? (await client.command("token.renew")).token;
}

/** Below the room's own address: `askAs(client, "GET", "audit?limit=50")`. Throws Refused. */
export async function askAs(client, method, path, body = undefined) {
  return request(method, addressOf(client, path), { body, bearer: await tokenOf(client) });
}

/** Save what is at `path` as a file; the browser asks where, or knows. Throws Refused. */
export async function downloadAs(client, path, fileName) {
  const bearer = await tokenOf(client);
  const response = await fetch(addressOf(client, path), { headers: { Authorization: `Bearer ${bearer}` }, cache: "no-store" })
    .catch(() => { throw new Refused({ code: "unreachable", message: "", retry_after_ms: 2_000 }); });
  if (!response.ok) {
    const problem = await response.json().catch(() => ({}));
    throw new Refused({ ...problem, code: problem.code ?? `http_${response.status}`, message: problem.detail ?? problem.title ?? "", status: response.status });
  }
  saveFile(await response.blob(), fileName);
}

/** Give `blob` to the person as a file. */
export function saveFile(blob, fileName) {
  const url = URL.createObjectURL(blob);
  const link = document.createElement("a");
  Object.assign(link, { href: url, download: fileName, hidden: true });
  document.body.append(link);
  link.click();
  link.remove();
  setTimeout(() => URL.revokeObjectURL(url), 30_000);
}

function addressOf(client, path) {
  return `/v1/rooms/${encodeURIComponent(client.room.room_id)}/${path}`;
}
