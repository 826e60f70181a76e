// What the browser remembers; where it may not, the page does while it is open.

const memory: Record<string, string | undefined> = {};

/** Read what is kept under a key; with a text, keep that instead; with an empty one, forget. */
export const store = (
  area: "localStorage" | "sessionStorage",
  key: string,
  text?: string,
): string | undefined => {
  try {
    const storage = window[area];
    if (text === "") {
      delete storage[key];
    } else if (text) {
      storage[key] = text;
    }
    return storage[key];
  } catch {
    // Storage is switched off or full.
    memory[key] = text ?? memory[key];
    return memory[key];
  }
};
