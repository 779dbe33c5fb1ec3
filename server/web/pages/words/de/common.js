export default {
  close: "Schließen",
  cancel: "Abbrechen",
  copy: "Kopieren",
  copied: "Kopiert.",
  copy_by_hand: "Mit Strg+C oder ⌘C kopieren.",
  language: "Sprache",
  notices: "Hinweise",
  page_error: "Auf dieser Seite ist etwas schiefgegangen.",
};
