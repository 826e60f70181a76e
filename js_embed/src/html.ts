// The one place where HTML enters the page, and what is done to it there.

interface Sanitised {
  setHTML?(html: string, options: object): void;
}

interface Policy {
  createHTML(html: string): string;
}

declare const trustedTypes: { createPolicy(name: string, rules: Policy): Policy } | undefined;

const EVERYTHING_SAFE = { sanitizer: { removeElements: [], removeAttributes: [] } };

const UNCHANGED: Policy = { createHTML: (html) => html };

let policy: Policy | undefined;

/** The server's HTML, sanitised there already, as elements. */
export const parse = (html: string, locale: string): HTMLElement => {
  const box: HTMLElement & Sanitised = document.createElement("div");
  if (box.setHTML) {
    box.setHTML(html, EVERYTHING_SAFE);
  } else {
    policy ??= typeof trustedTypes === "object" ? trustedTypes.createPolicy("transom", UNCHANGED) : UNCHANGED;
    box.innerHTML = policy.createHTML(html);
  }
  localise(box, locale);
  return box;
};

/** Times in the reader's zone and language, numbers as the reader writes them. */
export const localise = (box: HTMLElement, locale: string): void => {
  const when = new Intl.DateTimeFormat(locale, { dateStyle: "medium", timeStyle: "short" });
  for (const time of box.querySelectorAll("time")) {
    time.textContent = when.format(new Date(time.dateTime));
  }
  for (const data of box.querySelectorAll("data")) {
    data.textContent = (+data.value).toLocaleString(locale);
  }
};

/**
 * Put parts in their places: over the element with the same id, whose children with an id stay, else into the
 * element that `data-into` names. Gives those that found a place.
 */
export const swap = (root: ShadowRoot, parts: HTMLElement): HTMLElement[] =>
  ([...parts.children] as HTMLElement[]).filter((part) => {
    const old = root.getElementById(part.id);
    const into = root.getElementById(`${part.dataset["into"]}`);
    if (old) {
      part.append(...old.querySelectorAll(":scope > [id]"));
      old.replaceWith(part);
    } else {
      into?.[part.dataset["at"] ? "prepend" : "append"](part);
    }
    return old ?? into;
  });
