// The questions of a modality as a form: read, filled, and operated by keys.
import { make } from "./dom.js";
import { labelOf, own, t } from "./words.js";
import * as keys from "./keys.js";

const SURE = "asdfghjkl";
const STEPPERS = [[",", "."], ["[", "]"], ["-", "="]];

// A form has: node, answer(), fill(answer), faults({question: text}), and calls `changed`.
export function form(questions, changed) {
  const parts = [];
  let nChoices = 0, nScales = 0, nCaptions = 0;
  for (const question of questions) {
    if (question.kind === "choice") parts.push(choice(question, changed, nChoices++ === 0));
    else if (question.kind === "scale") parts.push(scale(question, changed, STEPPERS[nScales++]));
    else parts.push(caption(question, changed, nCaptions++ === 0));
  }
  return {
    node: make("div", {}, parts.map(part => part.node)),
    answer: () => Object.fromEntries(parts.map(p => [p.name, p.value()]).filter(([, v]) => v !== null)),
    fill: answer => parts.forEach(p => p.name in answer && p.set(answer[p.name])),
    missing: () => parts.filter(p => p.required && !p.whole()).map(p => p.name),
    faults(found) {
      for (const part of parts) {
        part.fault.textContent = found[part.name] ?? "";
        part.fault.hidden = !found[part.name];
      }
      parts.find(part => found[part.name])?.focus();
    },
  };
}

const faultOf = question => make("p", { class: "fault", id: `fault-${question.name}`, hidden: true });

const title = question => {
  const text = own(question.say, question.name);
  return question.required ? text : `${text} (${t("optional")})`;
};

const hint = question => own(question.hint) ? make("p", { class: "soft small" }, own(question.hint)) : null;

// Radio buttons that look like chips; `shortcuts` are shown in them.
function chips(name, entries, slim, changed, shortcuts = []) {
  const inputs = entries.map(([value]) => make("input", {
    type: "radio", name, value: String(value), onchange: changed,
  }));
  const node = make("div", { class: "chips" }, entries.map(([, text], i) => make("label",
    { class: slim ? "chip slim" : "chip" }, inputs[i],
    make("span", {}, shortcuts[i] ? make("kbd", { "aria-hidden": "true" }, shortcuts[i].toUpperCase()) : null, text))));
  const pick = i => { inputs[i].checked = true; inputs[i].focus(); changed(); };
  inputs.forEach((_, i) => shortcuts[i] && keys.on(shortcuts[i], () => pick(i)));
  return { node, inputs, pick, index: () => inputs.findIndex(input => input.checked) };
}

function choice(question, changed, first) {
  const digits = first ? question.labels.slice(0, 10).map((_, i) => String((i + 1) % 10)) : [];
  const labels = chips(question.name, question.labels.map(l => [l, labelOf(question, l)]), false, changed, digits);
  const letters = first ? question.confidence.slice(0, SURE.length).map((_, i) => SURE[i]) : [];
  const steps = chips(`${question.name}.confidence`,
    question.confidence.map(c => [c, `${Math.round(100 * c)} %`]), true, changed, letters);
  const fault = faultOf(question);
  if (first) {
    keys.describe([digits[0], "–", digits.at(-1)], title(question));
    if (letters.length) keys.describe([letters[0].toUpperCase(), "–", letters.at(-1).toUpperCase()], t("how_sure"));
  }
  return {
    name: question.name, required: question.required, fault,
    node: make("fieldset", { "aria-describedby": fault.id },
      make("legend", {}, title(question)), hint(question), labels.node,
      question.confidence.length ? make("fieldset", {}, make("legend", {}, t("how_sure")), steps.node) : null,
      fault),
    focus: () => (labels.index() < 0 ? labels : steps).inputs[0].focus(),
    whole: () => labels.index() >= 0 && (!question.confidence.length || steps.index() >= 0),
    value() {
      if (labels.index() < 0) return null;
      const found = { label: question.labels[labels.index()] };
      if (steps.index() >= 0) found.confidence = question.confidence[steps.index()];
      return found;
    },
    set(value) {
      const at = question.labels.indexOf(value.label), sure = question.confidence.indexOf(value.confidence);
      if (at >= 0) labels.inputs[at].checked = true;
      if (sure >= 0) steps.inputs[sure].checked = true;
    },
  };
}

function scale(question, changed, steppers) {
  const n = Math.round((question.most - question.least) / question.step);
  const at = i => Number((question.least + i * question.step).toFixed(6));
  const signed = value => (value > 0 ? `+${value}` : String(value).replace("-", "−"));
  const fault = faultOf(question);
  const part = n <= 10 ? segments(question, n, at, signed, changed) : slider(question, n, at, signed, changed);
  if (steppers) {
    keys.on(steppers[0], () => part.step(-1));
    keys.on(steppers[1], () => part.step(1));
    keys.describe(steppers, title(question));
  }
  return {
    name: question.name, required: question.required, fault,
    node: make("fieldset", { "aria-describedby": fault.id },
      make("legend", {}, title(question)), hint(question), part.node, fault),
    focus: part.focus, whole: () => part.value() !== null, value: part.value, set: part.set,
  };
}

function segments(question, n, at, signed, changed) {
  const all = Array.from({ length: n + 1 }, (_, i) => [at(i), signed(at(i))]);
  const row = chips(question.name, all, true, changed);
  return {
    node: row.node,
    focus: () => row.inputs[0].focus(),
    value: () => (row.index() < 0 ? null : at(row.index())),
    set: value => { const i = all.findIndex(([each]) => Math.abs(each - value) < 1e-6); if (i >= 0) row.inputs[i].checked = true; },
    step(by) {
      const i = row.index() < 0 ? Math.floor(n / 2) : row.index() + by;
      row.pick(Math.max(0, Math.min(n, i)));
    },
  };
}

function slider(question, n, at, signed, changed) {
  const middle = Math.round(n / 2);
  const input = make("input", {
    type: "range", min: "0", max: String(n), step: "1", value: String(middle),
    "aria-label": title(question), "aria-valuetext": t("not_answered"),
  });
  const shown = make("output", {}, "–");
  const node = make("div", {}, make("div", { class: "slide empty" }, input, shown),
    make("div", { class: "ends" }, make("span", {}, signed(question.least)), make("span", {}, signed(question.most))));
  let given = false;
  const take = () => {
    given = true;
    node.firstChild.classList.remove("empty");
    shown.textContent = signed(at(input.valueAsNumber));
    input.setAttribute("aria-valuetext", shown.textContent);
  };
  // A click on the middle, or a blank there, chooses it though nothing moves.
  for (const event of ["input", "click"]) input.addEventListener(event, () => { take(); changed(); });
  input.addEventListener("keydown", event => {
    if (event.key === " ") { event.preventDefault(); take(); changed(); }
  });
  return {
    node,
    focus: () => input.focus(),
    value: () => (given ? at(input.valueAsNumber) : null),
    set: value => { input.value = String(Math.round((value - question.least) / question.step)); take(); },
    step(by) {
      if (given) input.valueAsNumber += by;
      take();
      changed();
    },
  };
}

function caption(question, changed, first) {
  const fault = faultOf(question);
  const id = `caption-${question.name}`;
  const area = make("textarea", {
    id, rows: 2, maxLength: question.max_chars, oninput: changed, "aria-describedby": fault.id,
  });
  if (first) {
    keys.on("c", () => area.focus());
    keys.describe(["C"], t("write"));
    keys.describe(["Esc"], t("leave_text"));
  }
  return {
    name: question.name, required: question.required, fault,
    node: make("div", {}, make("label", { class: "name", htmlFor: id }, title(question)), hint(question), area, fault,
      make("p", {})),
    focus: () => area.focus(),
    whole: () => area.value.trim().length >= question.min_chars,
    value: () => area.value.trim() || null,
    set: value => { area.value = value; },
  };
}
