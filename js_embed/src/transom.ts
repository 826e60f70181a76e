// The module that a page loads: defines the elements and `window.transom`.

import { TransomElement } from "./element.ts";
import { present, want } from "./page.ts";
import { token } from "./server.ts";

if (!customElements.get("transom-widget")) {
  // The last one defined speaks for all when nothing could be loaded.
  for (const name of "count like claps share reactions rating poll passages widget comments".split(" ")) {
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
}
