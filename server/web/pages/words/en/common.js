export default {
  close: "Close",
  cancel: "Cancel",
  copy: "Copy",
  copied: "Copied.",
  copy_by_hand: "Press Ctrl+C or ⌘C to copy it.",
  language: "Language",
  notices: "Notices",
  page_error: "Something went wrong on this page.",
};
