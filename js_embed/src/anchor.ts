// Where a quote is in a text: exactly, told apart by what stands around it; else nearly, after small edits.

/** A W3C TextQuoteSelector, with white space as one space each. */
export interface Quote {
  readonly exact: string;
  readonly prefix: string;
  readonly suffix: string;
}

/** From where to where, in UTF-16 units. */
export type Place = readonly [start: number, end: number];

/** Places of one quote that are weighed, and those that are looked at closely where the quote is not there exactly. */
const MOST = 1_000;
const MOST_NEAR = 4;

/** What is looked for of a quote that was edited: pieces so long, up to so many, each up to so often. */
const PIECE = 12;
const PIECES = 12;
const OFTEN = 16;

/** Of a quote's length, how much may differ. */
const CHANGED = 0.35;

/** Units of the quote and of what stands around it that have to be the same, so that a short one is not found anywhere. */
const ENOUGH = 24;

export const locate = (text: string, quote: Quote): Place | undefined => {
  const { exact } = quote;
  let best: Place | undefined;
  let most = -1;
  for (const start of places(text, exact, MOST)) {
    const place = [start, start + exact.length] as const;
    const score = around(text, place, quote);
    if (score > most && (score + exact.length >= ENOUGH || score >= context(quote) * 0.7)) {
      best = place;
      most = score;
    }
  }
  return best ?? nearly(text, quote);
};

function* places(text: string, piece: string, most: number): Generator<number> {
  for (let at = text.indexOf(piece); at >= 0 && most--; at = text.indexOf(piece, at + 1)) {
    yield at;
  }
}

const context = ({ prefix, suffix }: Quote): number => prefix.length + suffix.length;

/** How many units before and after a place are those that stood around the quote. */
const around = (text: string, [start, end]: Place, { prefix, suffix }: Quote): number => {
  let before = 0;
  while (before < prefix.length && text[start - 1 - before] === prefix.at(-1 - before)) {
    before++;
  }
  let after = 0;
  while (after < suffix.length && text[end + after] === suffix[after]) {
    after++;
  }
  return before + after;
};

/** The place that differs least, among a few where pieces of the quote, or of what stood around it, are found. */
const nearly = (text: string, quote: Quote): Place | undefined => {
  const { exact, prefix, suffix } = quote;
  const slack = Math.ceil(exact.length * CHANGED) + 4;
  const votes = new Map<number, number>();
  const vote = (piece: string, offset: number): void => {
    for (const at of piece.trim().length > 3 ? places(text, piece, OFTEN) : []) {
      const start = Math.round((at - offset) / slack);
      votes.set(start, (votes.get(start) ?? 0) + 1);
    }
  };
  const step = Math.max(PIECE, Math.ceil(exact.length / PIECES));
  for (let at = 0; at < exact.length; at += step) {
    vote(exact.slice(at, at + PIECE), at);
  }
  vote(prefix.slice(-PIECE), -Math.min(PIECE, prefix.length));
  vote(suffix.slice(0, PIECE), exact.length);
  const before = prefix.slice(-PIECE);
  const pattern = before + exact + suffix.slice(0, PIECE);
  let best: Place | undefined;
  let least = 1;
  for (const [start] of [...votes].sort(([, one], [, other]) => other - one).slice(0, MOST_NEAR)) {
    const from = Math.max(0, (start - 2) * slack - PIECE);
    const part = text.slice(from, from + pattern.length + 4 * slack);
    const [changes, begin, end] = nearest(part, pattern, before.length, before.length + exact.length);
    const place = [from + begin, from + end] as const;
    const known = around(text, place, quote);
    // Between what stood around it a short quote may have been rewritten; elsewhere it has to be nearly the same.
    const allowed = known >= ENOUGH ? Math.max(3, exact.length / 2) : exact.length * CHANGED;
    const cost = changes / (exact.length + known);
    if (end > begin && changes <= allowed && exact.length - changes + known >= ENOUGH && cost < least) {
      best = whole(text, place);
      least = cost;
    }
  }
  return best;
};

/** A letter or digit. */
const INKED = /[\p{L}\p{N}]/u;

/** The place with the rest of a word that it cuts, if that is not long. */
const whole = (text: string, [start, end]: Place): Place => {
  const isCut = (at: number): boolean => INKED.test(text[at - 1] ?? "") && INKED.test(text[at] ?? "");
  let first = start;
  while (isCut(first) && start - first < PIECE) {
    first--;
  }
  let last = end;
  while (isCut(last) && last - end < PIECE) {
    last++;
  }
  return [isCut(first) ? start : first, isCut(last) ? end : last];
};

/** What is known of a way to a place in pattern and text: changes until there, at the head and at the tail, and where. */
const KNOWN = 5;

/**
 * Where the part of a pattern from its head to its tail comes to lie, if the whole is put where it differs least, by
 * insertions, deletions and exchanges; and the number of these within the part.
 */
const nearest = (
  text: string,
  pattern: string,
  head: number,
  tail: number,
): [changes: number, start: number, end: number] => {
  const { length } = pattern;
  let column = new Int32Array((length + 1) * KNOWN);
  let next = new Int32Array((length + 1) * KNOWN);
  let best = [length, 0, 0];
  /** Write down what holds where a row of the pattern meets a place in the text, coming from another. */
  const note = (row: number, at: number, changes: number, from: Int32Array, cell: number): void => {
    const to = row * KNOWN;
    next[to] = changes;
    for (let each = 1; each < KNOWN; each++) {
      next[to + each] = from[cell + each] as number;
    }
    if (row === head) {
      next[to + 1] = changes;
      next[to + 2] = at;
    }
    if (row === tail) {
      next[to + 3] = changes;
      next[to + 4] = at;
    }
  };
  for (let at = 0; at <= text.length; at++) {
    note(0, at, 0, column, 0);
    for (let row = 1; row <= length; row++) {
      const cell = row * KNOWN;
      const deleted = (next[cell - KNOWN] as number) + 1;
      const added = at ? (column[cell] as number) + 1 : deleted;
      const exchanged = at
        ? (column[cell - KNOWN] as number) + +(text[at - 1] !== pattern[row - 1])
        : deleted;
      const changes = Math.min(exchanged, deleted, added);
      if (at && changes === exchanged) {
        note(row, at, changes, column, cell - KNOWN);
      } else if (at && changes === added) {
        note(row, at, changes, column, cell);
      } else {
        note(row, at, changes, next, cell - KNOWN);
      }
    }
    const [total, headed, start, tailed, end] = next.slice(length * KNOWN) as unknown as number[];
    if ((total as number) < (best[3] ?? length)) {
      best = [(tailed as number) - (headed as number), start as number, end as number, total as number];
    }
    [column, next] = [next, column];
  }
  return best as [number, number, number];
};
