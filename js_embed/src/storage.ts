// What the browser remembers; where it may not, the page does while it is open.

type Area = "localStorage" | "sessionStorage";

const memory: Record<string, string> = {};

/** The kept text, or "". */
export const kept = (area: Area, key: string): string => {
  try {
    return window[area].getItem(key) ?? "";
  } catch {
    return memory[key] ?? "";
  }
};

/** Keep a text; an empty one is forgotten. */
export const keep = (area: Area, key: string, text = ""): void => {
  memory[key] = text;
  try {
    text ? window[area].setItem(key, text) : window[area].removeItem(key);
  } catch {
    // Storage is switched off or full; memory has it.
  }
};
