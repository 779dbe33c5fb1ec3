/**
 * The rows of an upload, out of a CSV or JSON file or of what was pasted from a spreadsheet. Pure: no page, no network.
 *
 * Nothing is guessed about a row: what is missing or wrong stays in it, and the server's trial says so beside it.
 */

export const MOST_ROWS = 1_000;
export const MOST_BYTES = 1_000_000;
const COLUMNS = ["email", "first_name", "last_name", "role"];
const FURTHER = ["key", "send"];
const SEPARATORS = [",", ";", "\t"];
const YES = new Set(["1", "true", "yes"]);

/** Why a file cannot be read: `key` names the sentence, `values` what stands in it. */
export class Unreadable extends Error {
  constructor(key, values = {}) {
    super(key);
    this.key = key;
    this.values = values;
  }
}

/**
 * @param {string} text
 * @param {{role: string}} defaults for rows that name no role
 * @returns {{line: number, email: string, first_name: string, last_name: string, role: string, key: string | null, send: boolean | null}[]}
 */
export function readRows(text, { role }) {
  const content = text.replace(/^\uFEFF/, "").trim();
  if (content === "") throw new Unreadable("empty");
  const rows = /^[[{]/.test(content) ? rowsOfJson(content) : rowsOfTable(content);
  if (rows.length === 0) throw new Unreadable("empty");
  if (rows.length > MOST_ROWS) throw new Unreadable("too_many", { count: rows.length, most: MOST_ROWS });
  return rows.map((row) => ({ ...row, role: row.role || role }));
}

function rowsOfJson(content) {
  let parsed;
  try {
    parsed = JSON.parse(content);
  } catch {
    throw new Unreadable("json");
  }
  const rows = Array.isArray(parsed) ? parsed : parsed.rows;
  if (!Array.isArray(rows) || rows.some((row) => row === null || typeof row !== "object")) throw new Unreadable("json");
  return rows.map((row, index) => rowOf(row, index + 1));
}

function rowsOfTable(content) {
  const records = readRecords(content, separatorOf(content));
  const names = records[0].fields.map((name) => name.trim().toLowerCase());
  const hasHeader = names.includes("email");
  if (hasHeader) checkColumns(names);
  const columns = hasHeader ? names : [...COLUMNS, ...FURTHER];
  return records.slice(hasHeader ? 1 : 0).map(({ fields, line }) => {
    if (fields.length > columns.length) throw new Unreadable("columns", { line });
    return rowOf(Object.fromEntries(fields.map((value, at) => [columns[at], value])), line);
  });
}

function checkColumns(names) {
  const unknown = names.find((name) => ![...COLUMNS, ...FURTHER].includes(name));
  if (unknown !== undefined) throw new Unreadable("unknown_column", { name: unknown });
  const missing = COLUMNS.slice(0, 3).find((name) => !names.includes(name));
  if (missing !== undefined) throw new Unreadable("missing_column", { name: missing });
}

function rowOf(row, line) {
  const text = (name) => (row[name] === undefined || row[name] === null ? "" : String(row[name]).trim());
  const send = text("send").toLowerCase();
  return {
    line,
    email: text("email"),
    first_name: text("first_name"),
    last_name: text("last_name"),
    role: text("role").toLowerCase(),
    key: text("key") || null,
    send: send === "" ? null : YES.has(send),
  };
}

/** What stands oftenest in the first line; a spreadsheet pastes tabs, and in some countries writes semicolons. */
function separatorOf(content) {
  const [first] = content.split("\n", 1);
  const counts = SEPARATORS.map((separator) => first.split(separator).length);
  return SEPARATORS[counts.indexOf(Math.max(...counts))];
}

/** Records as of RFC 4180, each with the line that it begins on; empty lines are passed by. */
function readRecords(content, separator) {
  const records = [];
  let [fields, field, isQuoted, line, beganAt] = [[], "", false, 1, 1];
  const endRecord = () => {
    fields.push(field);
    if (fields.some((each) => each.trim() !== "")) records.push({ fields, line: beganAt });
    [fields, field, beganAt] = [[], "", line];
  };
  for (let at = 0; at < content.length; at += 1) {
    const character = content[at];
    if (character === "\n") line += 1;
    if (isQuoted && character === '"' && content[at + 1] === '"') {
      field += '"';
      at += 1;
    } else if (isQuoted) {
      if (character === '"') isQuoted = false;
      else field += character;
    } else if (character === '"' && field.trim() === "") {
      [isQuoted, field] = [true, ""];
    } else if (character === separator) {
      fields.push(field);
      field = "";
    } else if (character === "\n") endRecord();
    else if (character !== "\r") field += character;
  }
  if (isQuoted) throw new Unreadable("quote", { line: beganAt });
  endRecord();
  return records;
}

/** The same address or key twice: only the first row is sent, since parts of an upload are sent one after another. */
export function duplicatesIn(rows) {
  const seen = new Set();
  return new Set(rows.filter(({ email, key }) => {
    const marks = [email && `e:${email.toLowerCase()}`, key && `k:${key}`].filter(Boolean);
    const isSeen = marks.some((mark) => seen.has(mark));
    for (const mark of marks) seen.add(mark);
    return isSeen;
  }));
}

/** Rows in parts that one command can carry. */
export function partsOf(rows, { most = 50, mostBytes = 30_000 } = {}) {
  const parts = [];
  let bytes = Infinity;
  for (const row of rows) {
    const size = new Blob([JSON.stringify(row)]).size;
    if (bytes + size > mostBytes || parts.at(-1).length >= most) {
      parts.push([]);
      bytes = 0;
    }
    parts.at(-1).push(row);
    bytes += size;
  }
  return parts;
}

const FORMULA = /^\s*[=+\-@\t\r\n＝＋－＠]/u;

/** The result as a CSV file. A cell that a spreadsheet would take for a formula is written as text. */
export function resultFile(rows) {
  const names = ["line", "email", "first_name", "last_name", "role", "status", "link", "code", "message"];
  const lines = rows.map((row) => names.map((name) => cell(row[name])).join(","));
  return `\uFEFF${[names.join(","), ...lines].join("\r\n")}\r\n`;
}

function cell(value) {
  const text = value === null || value === undefined ? "" : String(value);
  const safe = FORMULA.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
