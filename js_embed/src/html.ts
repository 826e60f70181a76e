// The one place where HTML enters the page, and what is done to it there.

interface Policy {
  createHTML(html: string): string;
}

interface Policies {
  createPolicy(name: string, policy: Policy): Policy;
}

let policy: Policy | undefined;

/** The server's HTML, sanitised there already, as elements. */
export const parse = (html = "", locale?: string): HTMLElement => {
  const box: HTMLElement & { setHTML?(html: string, options: object): void } = document.createElement("div");
  if (box.setHTML) {
    // An empty configuration lets all pass but what could run: scripts, frames, handlers.
    box.setHTML(html, { sanitizer: {} });
  } else {
    policy ??= (window as { trustedTypes?: Policies }).trustedTypes?.createPolicy("transom", {
      createHTML: (text) => text,
    });
    box.innerHTML = policy?.createHTML(html) ?? html;
  }
  // Times in the reader's zone and language.
  for (const time of box.querySelectorAll("time")) {
    time.textContent = new Date(time.dateTime).toLocaleString(locale, {
      dateStyle: "medium",
      timeStyle: "short",
    });
  }
  return box;
};

/**
 * Put parts in their places: over the element with the same id, whose children with an id stay, else into the
 * element that `data-into` names.
 */
export const swap = (root: ShadowRoot, parts: HTMLElement): void => {
  for (const part of [...parts.children] as HTMLElement[]) {
    const old = root.getElementById(part.id);
    if (old) {
      part.append(...old.querySelectorAll(":scope>[id]"));
      old.replaceWith(part);
    } else {
      root.getElementById(part.dataset.into as string)?.[(part.dataset.at ?? "append") as "append"](part);
    }
  }
};
