// A reviewer's pages: what annotators could not agree on, one of them, and the last word.
import { make, say, show } from "./dom.js";
import { Refused, get, post } from "./api.js";
import { form } from "./form.js";
import { player } from "./player.js";
import { broken } from "./rules.js";
import { inWords } from "./work.js";
import { own, reason, spoken, t } from "./words.js";
import * as keys from "./keys.js";

const STATUSES = ["review", "negotiating", "agreed", "decided"];

export async function queue(task, status = "review") {
  keys.clear();
  const found = await get(`/api/review?status=${status}`);
  const tabs = STATUSES.map(name => make("button", {
    class: "button", type: "button", "aria-pressed": String(name === status), onclick: () => queue(task, name),
  }, `${t(`status_${name}`)} (${found.counts[name]})`));
  const rows = found.items.map((each, i) => make("li", {}, make("button", {
    class: "button", type: "button", onclick: () => sheet(task, each.item, each.modality),
  }, i < 9 ? make("kbd", { "aria-hidden": "true" }, String(i + 1)) : null, make("b", {}, each.clip), t(each.modality),
  make("span", { class: "soft small" }, each.why.map(why => reason(task, why)).join(" · ")))));
  found.items.slice(0, 9).forEach((each, i) => keys.on(String(i + 1), () => sheet(task, each.item, each.modality)));
  keys.describe(["1", "–", "9"], t("open_clip"));
  keys.on("?", keys.help);
  show(make("h1", {}, t("review")), make("p", { class: "soft" }, t("review_more")),
    make("div", { class: "tabs" }, tabs),
    rows.length ? make("ul", { class: "list" }, rows) : make("p", { class: "card" }, t("nothing_here")));
}

export async function sheet(task, item, modality) {
  keys.clear();
  const piece = await get(`/api/review/${item}/${modality}`);
  draw(task, piece);
}

function draw(task, piece) {
  const questions = task.questions.filter(q => q.modalities.includes(piece.modality))
    .map(q => (q.kind === "caption" ? { ...q, required: false } : q));
  const notes = make("div", { class: "notes", role: "alert" });
  const confirmed = new Set();
  const note = make("textarea", { id: "why", rows: 2, maxLength: 500 });
  const asked = form(questions, check);
  const last = piece.decisions.filter(each => each.action === "decide").at(-1);
  if (last) asked.fill(last.answer);
  const view = player(piece);

  let told = "";
  function check() {
    const found = broken(task.rules, asked.answer());
    const names = found.map(rule => rule.name).join();
    if (names === told) return found;
    told = names;
    confirmed.clear();
    notes.replaceChildren(...found.map(rule => {
      const text = own(rule.say, rule.name);
      if (rule.then === "refuse") return make("div", { class: "note bad" }, `${text} ${t("refused_rule")}`);
      const box = make("input", { type: "checkbox", onchange: () => (box.checked ? confirmed.add(rule.name) : confirmed.delete(rule.name)) });
      return make("div", { class: "note" }, text, make("label", {}, box, t("mean_it")));
    }));
    return found;
  }

  async function send(action) {
    if (action === "decide") {
      const missing = asked.missing();
      asked.faults(Object.fromEntries(missing.map(name => [name, t("missing")])));
      if (missing.length) return;
      if (check().some(rule => rule.then === "refuse" || !confirmed.has(rule.name))) return say(t("confirm_first"));
    }
    try {
      await post("/api/decisions", {
        item: piece.item, modality: piece.modality, version: piece.version, action,
        answer: action === "decide" ? asked.answer() : null, confirmed: [...confirmed], note: note.value,
      });
      say(t(action === "decide" ? "decided" : "sent_back"));
      await queue(task);
    } catch (error) {
      if (!(error instanceof Refused) || error.status === 401) throw error;
      if (error.status === 409) {
        draw(task, { ...piece, ...error.content.present });
        return say(t("decided_elsewhere"), true);
      }
      if (error.content.faults) asked.faults(error.content.faults);
      say(t(error.why), true);
    }
  }

  keys.on("Enter", () => send("decide"));
  keys.on("n", () => send("negotiate"));
  keys.on("b", () => queue(task));
  keys.on("?", keys.help);
  keys.describe(["Enter"], t("decide"));
  keys.describe(["N"], t("send_back"));
  keys.describe(["B"], t("to_list"));
  const fields = make("form", { class: "card", "aria-labelledby": "final", onsubmit: event => { event.preventDefault(); send("decide"); } },
    make("h2", { id: "final" }, t("final")), asked.node,
    make("label", { class: "name", htmlFor: "why" }, t("reason")), note, make("p", {}), notes,
    make("div", { class: "actions" },
      make("button", { class: "button main", type: "submit" }, t("decide"), make("kbd", { "aria-hidden": "true" }, "Enter")),
      make("button", { class: "button", type: "button", onclick: () => send("negotiate") }, t("send_back"), make("kbd", { "aria-hidden": "true" }, "N"))));
  const others = Object.keys(piece.others ?? {}).filter(name => name !== piece.modality);
  show(
    make("div", { class: "top" }, make("div", {}, make("h1", {}, `${piece.clip} · ${t(piece.modality)}`),
      make("p", { class: "soft" }, t(`status_${piece.status}`), piece.why.length ? ` · ${piece.why.map(why => reason(task, why)).join(" · ")}` : "")),
    make("div", { class: "where actions" }, others.map(name => make("button", { class: "button", type: "button",
      onclick: () => sheet(task, piece.item, name) }, t(name))),
    make("button", { class: "button", type: "button", onclick: () => queue(task) }, t("to_list")))),
    make("div", { class: "two" }, make("div", {}, view, votes(task, piece)), make("div", {}, fields, history(task, piece))));
}

function votes(task, piece) {
  return make("section", { class: "card scroll" }, make("table", {}, make("caption", {}, t("votes")),
    make("thead", {}, make("tr", {}, [t("who"), t("round"), t("answer")].map(text => make("th", { scope: "col" }, text)))),
    make("tbody", {}, piece.votes.map(each => make("tr", {}, make("th", { scope: "row" }, each.who),
      make("td", {}, each.round === 0 ? t("alone") : String(each.round)),
      make("td", {}, inWords(task, each.answer).map(node => make("div", {}, node)), each.note ? make("p", { class: "soft" }, each.note) : null))))));
}

function history(task, piece) {
  if (!piece.decisions.length) return null;
  return make("section", { class: "card" }, make("h2", {}, t("history")), make("ul", { class: "others" },
    piece.decisions.map(each => make("li", {}, make("b", {}, each.who), t(each.action === "decide" ? "decided" : "sent_back"), " ",
      make("span", { class: "soft small" }, new Date(1000 * each.given_s).toLocaleString(spoken())),
      each.answer ? make("div", {}, inWords(task, each.answer)) : null, each.note ? make("p", {}, each.note) : null))));
}
