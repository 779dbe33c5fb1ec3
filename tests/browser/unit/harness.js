/** Named tests that run one after another in a page; each ends with nothing, or with why not. */

const tests = new Map();

export function test(name, act) {
  tests.set(name, act);
}

/** What became of each test: null, or its error's words. */
export async function run() {
  const outcomes = {};
  for (const [name, act] of tests) {
    try {
      await act();
      outcomes[name] = null;
    } catch (error) {
      outcomes[name] = String(error?.stack ?? error);
    }
  }
  return outcomes;
}

export function equal(seen, wanted, what = "") {
  const [a, b] = [JSON.stringify(seen), JSON.stringify(wanted)];
  if (a !== b) throw new Error(`${what}\n  seen   ${a}\n  wanted ${b}`);
}

export function check(isSo, what) {
  if (!isSo) throw new Error(what);
}

/** What `promise` is refused with. */
export async function refusalOf(promise) {
  try {
    await promise;
  } catch (error) {
    return error;
  }
  throw new Error("It was not refused.");
}
