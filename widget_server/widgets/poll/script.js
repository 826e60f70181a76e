// Where nobody has voted yet, the question that stands between the element's tags can be answered.
export default (element, box) => {
  const form = box.querySelector("#first");
  const said = ({ textContent }) => textContent.replace(/\s+/g, " ").trim();
  const texts = [...element.querySelectorAll("li")].map(said);
  if (form && texts[1]) {
    const question = said(element.firstElementChild);
    const several = element.hasAttribute("several");
    const values = { question, options: texts.join("\n"), several: several ? "yes" : "" };
    for (const name of ["closes", "results"]) {
      values[name] = element.getAttribute(name) ?? "";
    }
    for (const name in values) {
      form.elements[name].value = values[name];
    }
    form.querySelector("legend").textContent = question;
    const row = form.querySelector("label");
    texts.forEach((text, index) => {
      const option = row.cloneNode(true);
      const value = index + 1;
      const type = several ? { type: "checkbox", name: `choice.${value}` } : { type: "radio", required: true };
      Object.assign(option.firstChild, type, { value, checked: false });
      option.lastChild.textContent = text;
      row.before(option);
    });
    row.remove();
    form.hidden = false;
    box.querySelector("slot").remove();
  }
};
