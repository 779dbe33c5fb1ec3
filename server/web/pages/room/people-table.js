/** Everybody in the room as a CSV file, read page by page over the websocket. */

const COLUMNS = ["name", "role", "standing", "verified", "joined_at_utc"];
const ADDRESS_COLUMNS = ["email", "email_as_typed"];
const FORMULA = /^\s*[=+\-@\t\r\n＝＋－＠]/u;
const MAX_PAGES = 1_000;

/** Its columns are those of the server's own export. Throws Refused. */
export async function peopleTable(client) {
  const rows = [];
  let cursor = null;
  for (let page = 0; page < MAX_PAGES; page += 1) {
    const { participants, next_cursor } = await client.command("participants.page", { group: "all", cursor, limit: 100 });
    rows.push(...participants);
    cursor = next_cursor;
    if (cursor === null) break;
  }
  return tableOf(rows, { withAddresses: client.me.role === "manager" });
}

/** Rows as CSV with a byte order mark; what a spreadsheet would take for a formula has an apostrophe before it. Pure. */
export function tableOf(people, { withAddresses }) {
  const rows = people.map((one) => [
    one.name, one.role, one.standing, one.unverified ? "no" : "yes", utcTime(one.joined_at_ms),
    ...(withAddresses ? [one.email, one.claimed_email] : []),
  ]);
  const columns = [...COLUMNS, ...(withAddresses ? ADDRESS_COLUMNS : [])];
  return `\uFEFF${[columns, ...rows].map((row) => row.map(cell).join(",")).join("\r\n")}\r\n`;
}

function utcTime(at_ms) {
  return at_ms === null ? null : new Date(at_ms).toISOString().slice(0, 19).replace("T", " ");
}

function cell(value) {
  const text = value === null ? "" : FORMULA.test(value) ? `'${value}` : value;
  return /[",\r\n]/u.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
