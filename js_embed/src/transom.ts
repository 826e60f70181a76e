// The module that a page loads: defines the elements and `window.transom`.

import { TransomElement } from "./element.ts";
import { present } from "./page.ts";
import { identify } from "./server.ts";

if (!customElements.get("transom-widget")) {
  for (const name of ["like", "comments", "count", "widget"]) {
    customElements.define(`transom-${name}`, class extends TransomElement {});
  }
  const refresh = (): void => {
    for (const element of present) {
      element.follow(true);
    }
  };
  Object.assign(window, {
    transom: {
      ready: new Promise((resolve) => addEventListener("transom-ready", resolve, { once: true })),
      refresh,
      identify: (token: string): void => {
        for (const { base } of present) {
          identify(base, token);
        }
        refresh();
      },
    },
  });
}
