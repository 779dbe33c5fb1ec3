/** Rows of an upload: what is read out of files and pastes, what is not, and how a sending that broke off goes on. */

import { duplicatesIn, partsOf, readRows, resultFile, Unreadable } from "/pages/invite/bulk-rows.js";
import { BulkUpload } from "/pages/invite/bulk-upload.js";
import { check, equal, refusalOf, test } from "/unit/harness.js";

const ANN = "ann@example.org,Ann,Ode,speaker";
const read = (text, role = "viewer") => readRows(text, { role });
const short = (rows) => rows.map(({ email, first_name, last_name, role }) => [email, first_name, last_name, role].join("|"));
const row = (number, fields = {}) => ({ line: number, email: `p${number}@example.org`, first_name: "P", last_name: String(number), role: "viewer", key: null, send: null, ...fields });

function unreadable(text) {
  try {
    read(text);
  } catch (error) {
    check(error instanceof Unreadable, String(error));
    return error;
  }
  throw new Error(`It was read: ${text}`);
}

for (const [name, text] of [
  ["a CSV file", `email,first_name,last_name,role\n${ANN}`],
  ["one with a byte order mark and Windows line ends", `\uFEFFemail,first_name,last_name,role\r\n${ANN}\r\n`],
  ["one of a country where commas are decimal", "email;first_name;last_name;role\nann@example.org;Ann;Ode;speaker"],
  ["a paste from a spreadsheet", "ann@example.org\tAnn\tOde\tspeaker"],
  ["columns in another order, in capitals", "Role,Last_Name,First_Name,Email\nSpeaker,Ode,Ann,ann@example.org"],
  ["quotes around everything", `"email","first_name","last_name","role"\n"ann@example.org","Ann","Ode","speaker"`],
  ["JSON", JSON.stringify([{ email: "ann@example.org", first_name: "Ann", last_name: "Ode", role: "speaker" }])],
  ["JSON with rows", JSON.stringify({ rows: [{ email: "ann@example.org", first_name: "Ann", last_name: "Ode", role: "speaker" }] })],
]) {
  test(`reads ${name}`, () => equal(short(read(text)), ["ann@example.org|Ann|Ode|speaker"]));
}

test("a quoted field holds separators, quotes and line ends", () => {
  const rows = read('email,first_name,last_name,role\na@example.org,"A, ""B""\nC",D,viewer\nb@example.org,B,C,viewer');
  equal([rows[0].first_name, rows[0].line, rows[1].line], ['A, "B"\nC', 2, 4]);
});

test("a row that names no role has the one that was chosen", () => {
  equal(read("email,first_name,last_name\na@example.org,A,B", "moderator")[0].role, "moderator");
});

test("a wrong row stays as it is, to be told so by the server", () => {
  equal(short(read("no address,,,king\n")), ["no address|||king"]);
});

for (const [key, text] of [
  ["empty", "  \n "],
  ["empty", "email,first_name,last_name,role\n"],
  ["json", "{\"rows\": 3}"],
  ["json", "[1, 2"],
  ["quote", 'email,first_name,last_name,role\na@example.org,"A,B,viewer'],
  ["columns", "email,first_name,last_name\na@example.org,A,B,viewer"],
  ["unknown_column", "email,first_name,last_name,phone\na@example.org,A,B,1"],
  ["missing_column", "email,first_name,role\na@example.org,A,viewer"],
  ["too_many", `${ANN}\n`.repeat(1_001)],
]) {
  test(`says what is wrong with a file: ${key}, ${text.length} characters`, () => equal(unreadable(text).key, key));
}

test("the same address or key twice is sent once, whatever the letters", () => {
  const rows = [row(1), row(2, { email: "P1@example.org" }), row(3, { key: "k" }), row(4, { key: "k" })];
  equal([...duplicatesIn(rows)].map(({ line }) => line), [2, 4]);
});

test("parts are small enough for one command", () => {
  const parts = partsOf(Array.from({ length: 120 }, (_, number) => row(number)));
  equal(parts.map(({ length }) => length), [50, 50, 20]);
  const long = partsOf(Array.from({ length: 40 }, (_, number) => row(number, { first_name: "é".repeat(900) })));
  check(long.every((part) => new Blob([JSON.stringify(part)]).size < 40_000), "none is larger than a frame may be");
  equal(long.flat().length, 40);
});

test("no cell of the result is a formula", () => {
  const file = resultFile([{ ...row(1), first_name: "=1+1", last_name: 'a "b", c', email: "@x", status: "error", link: null, code: "c", message: "-m" }]);
  equal(file.split("\r\n")[1], `1,'@x,'=1+1,"a ""b"", c",viewer,error,,c,'-m`);
});

/** Answers a part at a time; `fails` names the calls that get no answer. */
function fakeClient(fails = []) {
  const asked = [];
  return { asked, command: async (type, { rows, dry_run }) => {
    asked.push([type, rows.map(({ email }) => email), dry_run]);
    if (fails.includes(asked.length)) throw new Error("lost");
    return { rows: rows.map(({ email }) => ({ status: dry_run ? "would_create" : "created", code: null, message: null, link: `L${email}`, replaced: null })) };
  } };
}

test("a sending that broke off goes on with the rows that are left", async () => {
  const client = fakeClient([2]);
  const upload = new BulkUpload(client, Array.from({ length: 120 }, (_, number) => row(number)), { sends: false });
  await refusalOf(upload.send(() => {}));
  equal([upload.counts.created, upload.counts.waiting], [50, 70]);
  await upload.send(() => {});
  equal([upload.counts.created, upload.counts.waiting], [120, 0]);
  equal(client.asked.map(([, emails]) => emails.length), [50, 50, 50, 20]);
  equal(client.asked[1][1], client.asked[2][1], "the part whose answer was lost is sent again as it was");
});

test("a trial makes nothing, and a stopped sending ends after its part", async () => {
  const client = fakeClient();
  const upload = new BulkUpload(client, Array.from({ length: 60 }, (_, number) => row(number)), { sends: true });
  await upload.tryOut(() => {});
  check(client.asked.every(([, , dry_run]) => dry_run), "only trials");
  await upload.send((done) => { if (done === 50) upload.stop(); });
  equal([upload.counts.created, upload.counts.would_create], [50, 10]);
});
