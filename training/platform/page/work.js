// An annotator's page: one clip in one modality, its questions, and the next.
import { $, make, say, secret, show } from "./dom.js";
import { Refused, insist, post } from "./api.js";
import { form } from "./form.js";
import { player } from "./player.js";
import { broken } from "./rules.js";
import { labelOf, own, reason, t } from "./words.js";
import * as keys from "./keys.js";

let shown = 0;

export async function work(task, again = null) {
  const now = ++shown;
  keys.clear();
  const piece = await (again ? again() : post("/api/work/next"));
  if (now !== shown) return; // another view was opened meanwhile
  if (piece.kind === "done") return done(piece);
  label(task, piece);
}

function done(piece) {
  show(make("div", { class: "card" }, make("h1", {}, t("all_done")),
    make("p", {}, t("all_done_more", { n: piece.place.done })),
    make("button", { class: "button", type: "button", onclick: () => location.reload() }, t("look_again"))));
}

function label(task, piece) {
  const draftKey = `draft/${piece.item}/${piece.modality}/${piece.round}`;
  const began = performance.now();
  const questions = task.questions.filter(q => q.modalities.includes(piece.modality));
  const confirmed = new Set(piece.confirmed ?? []);
  const notes = make("div", { class: "notes", role: "alert" });
  const save = make("button", { class: "button main", type: "submit" }, t("save"), make("kbd", { "aria-hidden": "true" }, "Enter"));
  const back = make("button", { class: "button", type: "button", onclick: goBack }, t("back"), make("kbd", { "aria-hidden": "true" }, "B"));
  const note = make("textarea", { id: "note", rows: 2, maxLength: 500 });
  let sending = false;

  const asked = form(questions, () => { remember(); check(); });
  const player_ = player(piece);
  const negotiates = piece.kind === "negotiate";
  if (piece.answer) asked.fill(piece.answer);
  const draft = JSON.parse(sessionStorage.getItem(draftKey) ?? "null");
  if (draft) asked.fill(draft);

  function remember() {
    sessionStorage.setItem(draftKey, JSON.stringify(asked.answer()));
  }

  // Rules that are broken now; `notes` is only drawn anew when they change, for screen readers.
  let told = "";
  function check() {
    const found = broken(task.rules, asked.answer());
    const names = found.map(rule => rule.name).join();
    for (const name of [...confirmed]) if (!found.some(rule => rule.name === name)) confirmed.delete(name);
    save.disabled = sending || found.some(rule => rule.then === "refuse");
    if (names === told) return found;
    told = names;
    notes.replaceChildren(...found.map(rule => {
      const text = own(rule.say, rule.name);
      if (rule.then === "refuse") return make("div", { class: "note bad" }, `${text} ${t("refused_rule")}`);
      const box = make("input", { type: "checkbox", checked: confirmed.has(rule.name), "data-rule": rule.name,
        onchange: () => (box.checked ? confirmed.add(rule.name) : confirmed.delete(rule.name)) });
      return make("div", { class: "note" }, text,
        make("label", {}, box, t("mean_it"), make("kbd", { "aria-hidden": "true" }, "Y")));
    }));
    return found;
  }

  async function send() {
    const found = check();
    const missing = asked.missing();
    asked.faults(Object.fromEntries(missing.map(name => [name, t("missing")])));
    if (sending || missing.length || found.some(rule => rule.then === "refuse")) return;
    const open = found.find(rule => !confirmed.has(rule.name));
    if (open) {
      notes.querySelector(`[data-rule="${CSS.escape(open.name)}"]`).focus();
      return say(t("confirm_first"));
    }
    sending = true;
    check();
    try {
      await insist("/api/votes", {
        item: piece.item, modality: piece.modality, round: piece.round, version: piece.version,
        key: secret(), answer: asked.answer(), confirmed: [...confirmed], note: note.value,
        seconds: Math.min(86400, (performance.now() - began) / 1000),
      }, pause => say(t("not_saved_yet", { n: pause }), true));
      sessionStorage.removeItem(draftKey);
      say(t("saved"));
      await work(task);
    } catch (error) {
      if (!(error instanceof Refused) || error.status === 401) throw error;
      sending = false;
      save.disabled = false;
      if (error.content.faults) return asked.faults(error.content.faults);
      say(t(error.why), true);
      if (error.status === 409) {
        sessionStorage.removeItem(draftKey);
        await work(task);
      }
    }
  }

  async function goBack() {
    try {
      await work(task, () => post("/api/work/last"));
    } catch (error) {
      if (!(error instanceof Refused) || error.status === 401) throw error;
      say(t("nothing_before"));
    }
  }

  keys.on("Enter", send);
  keys.on("y", () => notes.querySelectorAll("input").forEach(box => { if (!box.checked) box.click(); }));
  keys.on("b", goBack);
  keys.on("?", keys.help);
  keys.describe(["Y"], t("mean_it"));
  keys.describe(["Enter"], t("save"));
  keys.describe(["Ctrl", "Enter"], t("save_from_text"));
  keys.describe(["B"], t("back"));
  keys.describe(["?"], t("keys"));

  const fields = make("form", { class: "card", "aria-labelledby": "asked", onsubmit: event => { event.preventDefault(); send(); } },
    make("h2", { id: "asked" }, t("asked")), asked.node,
    negotiates ? make("div", {}, make("label", { class: "name", htmlFor: "note" }, t("to_others")), note, make("p", {})) : null,
    notes,
    make("div", { class: "actions" }, save, negotiates ? null : back,
      make("button", { class: "button", type: "button", onclick: keys.help }, t("keys"), make("kbd", { "aria-hidden": "true" }, "?"))));
  show(top(piece), make("div", { class: "two" },
    make("div", {}, player_, negotiates ? others(task, piece) : guide(task)), fields));
  check();
  if (piece.kind === "label" && piece.version > 0) say(t("changing"));
  $("skip").textContent = t("skip");
}

function top(piece) {
  const at = piece.modalities.indexOf(piece.modality);
  const { done: ready, assigned } = piece.place;
  return make("div", { class: "top" },
    make("div", {}, make("h1", {}, t(piece.kind === "negotiate" ? "negotiate" : `judge_${piece.modality}`)),
      make("ol", { class: "steps", "aria-label": t("steps") }, piece.modalities.map((name, i) => make("li", {
        class: i < at && piece.kind === "label" ? "past" : "", "aria-current": i === at ? "step" : null }, t(name))))),
    make("div", { class: "where small soft" }, t("place", { done: ready, assigned }),
      make("progress", { max: Math.max(1, assigned), value: ready, "aria-label": t("progress") })));
}

function guide(task) {
  const text = own(task.guide);
  return text ? make("section", { class: "card" }, make("h2", {}, t("guide")), make("p", { class: "soft" }, text)) : null;
}

export function inWords(task, answer) {
  return task.questions.filter(q => q.name in answer).map(q => {
    const value = answer[q.name];
    const text = q.kind === "choice"
      ? labelOf(q, value.label) + (value.confidence === undefined ? "" : ` (${Math.round(100 * value.confidence)} %)`)
      : q.kind === "scale" ? (value > 0 ? `+${value}` : String(value).replace("-", "−")) : value;
    return make("span", {}, make("span", { class: "soft small" }, `${own(q.say, q.name)} `), make("b", {}, text));
  });
}

function others(task, piece) {
  return make("section", { class: "card" }, make("h2", {}, t("others")),
    make("p", { class: "soft small" }, piece.why.map(each => reason(task, each)).join(" · ")),
    make("ul", { class: "others" }, piece.others.map(each => make("li", {}, inWords(task, each.answer),
      each.note ? make("p", {}, each.note) : null))),
    make("p", { class: "soft small" }, t("others_more")));
}
