// What the browser remembers, where it may.

/** Read what is kept under a key; with a text, keep that instead; with an empty one, forget. */
export const store = (
  area: "localStorage" | "sessionStorage",
  key: string,
  text?: string,
): string | null | void => {
  try {
    const storage = window[area];
    return text ? storage.setItem(key, text) : text === "" ? storage.removeItem(key) : storage.getItem(key);
  } catch {
    // Storage is switched off or full.
  }
};
