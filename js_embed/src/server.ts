// Talking to the server: plain requests without cookies, headers of our own or preflights.

import { keep, kept } from "./storage.ts";

/** What the server says when it refuses (RFC 9457); a failure of the network has none of these. */
export interface Problem {
  readonly code?: string;
  readonly detail?: string;
}

/** An answer of the server; which members it has depends on the question. */
export interface Answer {
  readonly id: string;
  readonly lang: string;
  readonly dir: string;
  readonly css: string;
  readonly widgets: Readonly<Record<string, string>>;
  readonly counts: Readonly<Record<string, number>>;
  readonly parts: string & Readonly<Record<string, string>>;
  readonly person?: { readonly name?: string };
  readonly message: string;
  readonly token?: string;
  readonly verdict: string;
}

export type Fields = Record<string, string>;

const PATIENCE = 20_000; // ms

const tokenKey = (base: string): string => `transom:${base.replace(/.*\//, "")}`;

/** Who the reader is at a site's address, or "". */
export const token = (base: string): string => kept("localStorage", tokenKey(base));

export const identify = (base: string, text?: string): void => keep("localStorage", tokenKey(base), text);

/** Ask for what an address names; throws a Problem, or what the network threw. */
export const ask = async (address: string, body: URLSearchParams | null = null): Promise<Answer> => {
  const answer = await fetch(address, {
    method: body ? "POST" : "GET",
    body,
    cache: "no-cache",
    credentials: "omit",
    signal: AbortSignal.timeout(PATIENCE),
  });
  const said = await answer.json();
  if (answer.ok) {
    return said;
  }
  throw said;
};

/** Post as whom the browser knows; a token that is no longer good is dropped, and the post goes on without. */
export const post = async (address: string, fields: Fields, again = true): Promise<Answer> => {
  const base = address.replace(/\/\w+$/, "");
  const known = token(base);
  const body = new URLSearchParams({ ...fields, format: "fragments" });
  known && body.set("token", known);
  try {
    const answer = await ask(address, body);
    answer.token && identify(base, answer.token);
    return answer;
  } catch (problem) {
    if ((problem as Problem).code === "token_invalid") {
      identify(base);
      if (again) {
        return post(address, fields, false);
      }
    }
    throw problem;
  }
};
