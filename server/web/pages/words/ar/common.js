export default {
  close: "إغلاق",
  cancel: "إلغاء",
  copy: "نسخ",
  copied: "تم النسخ.",
  copy_by_hand: "للنسخ، يُرجى الضغط على Ctrl+C أو \u2066⌘C\u2069.",
  language: "اللغة",
  notices: "الإشعارات",
  page_error: "حدث خطأ في هذه الصفحة.",
};
