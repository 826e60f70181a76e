// Where nobody has voted yet, the question between the element's tags can be answered.
export default (element, box) => {
  const form = box.querySelector("#first");
  const said = (it) => it.textContent.replace(/\s+/g, " ").trim();
  const texts = [...element.querySelectorAll("li")].map(said);
  if (form && texts[1]) {
    const several = element.hasAttribute("several");
    const row = form.querySelector("label");
    form.question.value = said(element.firstElementChild);
    form.options.value = texts.join("\n");
    form.several.value = several;
    form.closes.value = element.getAttribute("closes");
    form.results.value = element.getAttribute("results");
    form.querySelector("legend").textContent = form.question.value;
    texts.forEach((text, at) => {
      const value = at + 1;
      const option = row.cloneNode(true);
      option.firstChild.type = several ? "checkbox" : "radio";
      option.firstChild.name = several ? `choice.${value}` : "choice";
      Object.assign(option.firstChild, { value, required: !several, checked: false });
      option.lastChild.textContent = text;
      row.before(option);
    });
    row.remove();
    form.hidden = false;
    box.querySelector("slot").remove();
  }
};
