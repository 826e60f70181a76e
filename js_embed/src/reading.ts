// The text that readers see of an article, with single spaces, and the way from its places to the page and back.

import type { Place, Quote } from "./anchor.ts";

/** Units of what stands before and after a quote. */
const CONTEXT = 32;

/** What is no part of the text: programs, fields, and what our own elements hold. */
const APART = "script,style,noscript,textarea,select,template,[contenteditable]";

export class Reading {
  /** Without white space at its beginning. */
  readonly text: string;
  #nodes: Text[] = [];
  /** For each node the place of its first character. */
  #firsts: number[] = [];
  /** For each character its offset in its node. */
  #offsets: number[] = [];

  constructor(article: Element) {
    const walker = document.createTreeWalker(
      article,
      NodeFilter.SHOW_ELEMENT | NodeFilter.SHOW_TEXT,
      (node) =>
        node instanceof Element && (node.matches(APART) || node.localName.startsWith("transom-"))
          ? NodeFilter.FILTER_REJECT
          : NodeFilter.FILTER_ACCEPT,
    );
    const characters: string[] = [];
    while (walker.nextNode()) {
      const node = walker.currentNode;
      if (node instanceof Text) {
        this.#nodes.push(node);
        this.#firsts.push(characters.length);
        for (let offset = 0; offset < node.data.length; offset++) {
          const character = node.data[offset] as string;
          const isSpace = /\s/.test(character);
          if (!isSpace || (characters.length && characters.at(-1) !== " ")) {
            characters.push(isSpace ? " " : character);
            this.#offsets.push(offset);
          }
        }
      }
    }
    this.text = characters.join("");
  }

  /** Where a selection is in the text, without spaces at its ends; undefined where it holds none of it. */
  place(range: Range): Place | undefined {
    let start = -1;
    let end = -1;
    this.#nodes.forEach((node, index) => {
      if (range.intersectsNode(node)) {
        const from = node === range.startContainer ? range.startOffset : 0;
        const to = node === range.endContainer ? range.endOffset : node.length;
        for (
          let at = this.#firsts[index] as number;
          at < (this.#firsts[index + 1] ?? this.text.length);
          at++
        ) {
          const offset = this.#offsets[at] as number;
          if (offset >= from && offset < to && this.text[at] !== " ") {
            start = start < 0 ? at : start;
            end = at + 1;
          }
        }
      }
    });
    return end > start ? [start, end] : undefined;
  }

  range([start, end]: Place): Range {
    const range = new Range();
    range.setStart(this.#node(start), this.#offsets[start] as number);
    range.setEnd(this.#node(end - 1), (this.#offsets[end - 1] as number) + 1);
    return range;
  }

  quote([start, end]: Place): Quote {
    return {
      exact: this.text.slice(start, end),
      // Half a character cannot be sent.
      prefix: this.text.slice(Math.max(0, start - CONTEXT), start).replace(/^[\udc00-\udfff]/, ""),
      suffix: this.text.slice(end, end + CONTEXT).replace(/[\ud800-\udbff]$/, ""),
    };
  }

  #node(at: number): Text {
    return this.#nodes[this.#firsts.findLastIndex((first) => first <= at)] as Text;
  }
}
