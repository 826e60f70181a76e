// The module that a page loads: defines the elements and `window.transom`.

import { HOME, TransomElement } from "./element.ts";
import { subjectOf } from "./identity.ts";
import { LIGHT, present, want } from "./page.ts";
import { ask, inTurn, token } from "./server.ts";

if (!customElements.get("transom-widget")) {
  // The last one defined speaks for all when nothing could be loaded.
  for (const name of `${LIGHT} rating poll passages widget comments`.split(" ")) {
    customElements.define(`transom-${name}`, class extends TransomElement {});
  }
  const refresh = (): void => {
    for (const element of present) {
      element.follow();
      want(element);
    }
  };
  (window as unknown as Record<string, unknown>).transom = {
    ready: new Promise((resolve) => addEventListener("transom-ready", resolve)),
    refresh,
    identify: (text: string): void => {
      for (const { base } of present) {
        token(base, text);
      }
      refresh();
    },
  };
  // Only a page with buttons of its own loads what binds them, now or when the first one has come.
  const seek = (): void => {
    if (document.querySelector("[data-transom-like]")) {
      watcher.disconnect();
      import(`${HOME}/own.js`).then((own) => own.default(ask, inTurn, subjectOf, token));
    }
  };
  const watcher = new MutationObserver(seek);
  watcher.observe(document, { subtree: true, childList: true });
  seek();
}
