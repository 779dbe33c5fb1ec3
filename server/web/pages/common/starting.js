/* Where a script of the page did not arrive there is nothing yet to say so: so this one, which needs no other. */
(() => {
  const LEAST_MS = 5_000;
  const SPREAD_MS = 10_000; // a whole audience is not to return as one
  let isTold = false;

  function hasStarted() {
    return Boolean(document.getElementById("app")?.hasChildNodes());
  }

  function tryAgain() {
    if (!hasStarted()) location.reload();
  }

  function tell() {
    if (isTold || hasStarted()) return;
    isTold = true;
    document.getElementById("not-started").hidden = false;
    addEventListener("online", tryAgain);
    setTimeout(tryAgain, LEAST_MS + Math.random() * SPREAD_MS);
  }

  // That an element's file did not come is told to the element alone, on its way down; a script that broke, to the window.
  addEventListener("error", ({ target, error }) => { if (error || target instanceof HTMLScriptElement) tell(); }, { capture: true });
})();
