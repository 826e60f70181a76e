// The browser's own sheet, else a copied link; and once for each page that is opened, who came by a link.

import type { TransomElement } from "../element.ts";

type Form = HTMLFormElement & Record<"code", HTMLInputElement>;
type Parts = [HTMLButtonElement, HTMLOutputElement, ...HTMLInputElement[]] & {
  [place in 2 | 3 | 4]: HTMLInputElement;
};

/** What the link carried by which somebody came, until it was told. */
let came = /^#via=(\w{13})$/.exec(location.hash)?.[1];

export default (element: TransomElement, box: HTMLElement): void => {
  // The second is there where links carry a code.
  const [form, arrival] = box.querySelectorAll("form") as unknown as [Form, Form?];
  const [button, said, field, via, code] = form as unknown as Parts;

  /** Send the form, as a doing of its own. */
  const tell = (way: string): void => {
    via.value = way;
    form.dataset.once = "";
    form.requestSubmit(button);
  };

  if (arrival && came) {
    arrival.code.value = came;
    came = "";
    arrival.requestSubmit();
  }

  button.disabled = false;
  button.onclick = async (event) => {
    event.preventDefault();
    said.textContent = code.value = "";
    const about: { url: string } = element.about;
    if (arrival) {
      const [secret] = crypto.getRandomValues(new BigUint64Array(1)) as unknown as [bigint];
      code.value = secret.toString(36).padStart(13, "0");
      about.url += `#via=${code.value}`;
    }
    try {
      await navigator.share(about);
      tell("sheet");
    } catch (problem) {
      if (/Abort|State/.test((problem as Error).name)) {
        return; // closed, or open already
      }
      try {
        await navigator.clipboard.writeText(about.url);
        said.textContent = said.dataset.copied as string;
        tell("copy");
      } catch {
        (form.querySelector("p") as HTMLElement).hidden = false;
        field.value = about.url;
        field.select();
        field.oncopy = () => {
          field.oncopy = null;
          tell("link");
        };
      }
    }
  };
};
