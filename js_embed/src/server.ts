// Talking to the server: plain requests without cookies, headers of our own or preflights.

import { store } from "./storage.ts";

/** What the server says when it refuses (RFC 9457); a failure of the network has none of these. */
export interface Problem {
  readonly code?: string;
  readonly detail?: string;
  readonly field?: string;
}

type Shown = Readonly<Record<string, string>>;

/** An answer of the server; which members it has depends on the question. */
export interface Answer {
  readonly id: string;
  readonly lang: string;
  readonly css: string;
  readonly data?: Readonly<Record<string, object>>;
  readonly live: string;
  readonly scripts?: Readonly<Record<string, string>>;
  /** What is to be shown, by kind; of several subjects, by what these were called. */
  readonly widgets?: Shown;
  readonly parts: string & Shown;
  readonly subjects?: Readonly<Record<string, Shown>>;
  readonly message: string;
  readonly token?: string;
  readonly verdict: string;
}

/** What is done next waits for all that was sent before, so that all that somebody new does is one person's. */
export const inTurn = (work: () => Promise<void>): void => {
  last = last.then(work);
};

let last = Promise.resolve();

export type Fields = Record<string, string>;

/** Who the reader is at a site's address; with a text, who that is from now on, with an empty one nobody. */
export const token = (base: string, text?: string): string =>
  store("localStorage", `transom:${base}`, text) ?? "";

/**
 * Get what an address names, or post fields there as whom the browser knows; throws a Problem, or what the network
 * threw. A token that is no longer good is dropped, and the question goes on without.
 */
export const ask = async (base: string, path: string, fields?: Fields): Promise<Answer> => {
  const answer = await fetch(base + path, {
    ...(fields && {
      method: "POST",
      body: new URLSearchParams({ ...fields, token: token(base) }),
      keepalive: !fields.text, // what is short arrives though the page is left; browsers refuse more than 64 KiB
    }),
    signal: AbortSignal.timeout(20_000),
  });
  const said = await answer.json();
  token(base, said.token);
  if (answer.ok) {
    return said;
  }
  if (said.code === "token_invalid") {
    token(base, "");
    return ask(base, path, fields);
  }
  throw said;
};

/** What an element is to be filled with. */
interface Wish {
  readonly subject: string;
  readonly kind: string;
  readonly tongue: string;
}

/** The question for all that some elements show. */
export const about = (elements: readonly Wish[]): Fields => ({
  subject: [...new Set(elements.map((element) => element.subject))].join("\n"),
  widgets: [...new Set(elements.map((element) => element.kind))].join(),
  lang: (elements as [Wish])[0].tongue,
  format: "fragments",
});
