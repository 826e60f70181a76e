// Which page is it: the same key as widget_server/identity.py gives, for every spelling of an address.

/** What an element is about; the server checks all three. */
export interface Subject {
  readonly subject: string;
  readonly url: string;
  readonly title: string;
}

// As a browser writes an address: user info, host, a port that a scheme implies, path, query.
const ADDRESS = /^https?:\/\/([^/@]*@)?([\w.:[\]-]+?)(:80|:443)?(\/[^?#]*)\??([^#]*)/;

// Who came, never which page it is, and pairs without a name; the names and their reasons are TRACKING in identity.py.
const TRACKED =
  /&([um]tm_[^=&]*|[dgy]clid|[ft][btw]clid|igshid|gclsrc|[gw]braid|srsltid|_g[al]|msclkid|li_fat_id|mc_[ce]id|mkt_tok|_hsenc|_hsmi)?(=[^&]*)?(?=&|$)/gi;

// One way to percent-encode, where browsers and the writers of links have several.
const tidy = (text: string): string =>
  text.replace(/%[\da-f]{2}|[^\w.~!$&()*+,;=:@/?-]/gi, (odd) => {
    const character = unescape(odd);
    return /[\w.~-]/.test(character) ? character : odd[1] ? odd.toUpperCase() : escape(odd);
  });

/** The key of the page at an absolute, serialised address; "" where it is no http(s) page. */
export const pageKey = (address: string): string => {
  const [, , host = "", , path = "", query = ""] = ADDRESS.exec(address) ?? [];
  return (
    host &&
    host +
      (tidy(path).replace(/(?<!\/)\/\/+$/, "") || "/") +
      tidy(`&${query}`).replace(TRACKED, "").replace("&", "?")
  );
};

/** An explicit subject, else the canonical link of this origin, else where the reader is. */
export const subjectOf = (explicit?: string | null): Subject => {
  const canonical = document.querySelector<HTMLLinkElement>("link[rel~=canonical]")?.href ?? "";
  const url = (canonical.startsWith(`${location.origin}/`) ? canonical : location.href).replace(/#.*/, "");
  return {
    subject: explicit?.trim().normalize() || pageKey(url),
    url,
    title: document.title,
  };
};
