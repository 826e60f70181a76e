// What must be said when the server, which has all other words, does not answer.

const WORDS: Readonly<Record<string, string>> = {
  ar: "تعذّر التحميل. أعد المحاولة",
  de: "Nicht geladen. Nochmals versuchen",
  en: "This did not load. Try again",
  es: "No se ha cargado. Reintentar",
  fr: "Échec du chargement. Réessayer",
};

export const retryWords = (language: string): string =>
  WORDS[language.slice(0, 2)] ?? (WORDS["en"] as string);
