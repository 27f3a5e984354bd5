// How far the work is, and how far annotators agree.
import { make, show } from "./dom.js";
import { get } from "./api.js";
import { own, t } from "./words.js";
import * as keys from "./keys.js";

const table = (title, heads, rows, nTexts) => make("section", { class: "card scroll" }, make("table", {},
  make("caption", {}, title),
  make("thead", {}, make("tr", {}, heads.map((text, i) => make("th", { scope: "col", class: i >= nTexts ? "number" : null }, text)))),
  make("tbody", {}, rows.map(row => make("tr", {}, row.map((cell, i) => make(i ? "td" : "th",
    { scope: i ? null : "row", class: i >= nTexts ? "number" : null }, String(cell))))))));

const figure = value => (value === null ? "–" : value.toFixed(3));

export async function progress(task, me) {
  keys.clear();
  const found = await get("/api/progress");
  const agreement = me.role === "reviewer" ? await get("/api/agreement") : [];
  const { clips, standings } = found;
  const share = n => `${100 * n / Math.max(1, clips.shown)}%`;
  const ready = make("i"), begun = make("i");
  ready.style.width = share(clips.answered);
  begun.style.width = share(clips.begun - clips.answered);
  const figures = [["clips_shown", clips.shown], ["clips_begun", clips.begun], ["clips_answered", clips.answered],
    ...Object.entries(standings).map(([name, n]) => [`status_${name}`, n])];
  const lacking = Object.entries(found.lacking).filter(([, n]) => n);
  show(make("div", { class: "card" }, make("h1", {}, t("progress")),
    make("div", { class: "bar", role: "img", "aria-label": t("bar", { n: clips.answered, all: clips.shown }) }, ready, begun),
    make("dl", { class: "figures" }, figures.map(([name, n]) => make("div", {}, make("dt", {}, t(name)), make("dd", {}, String(n))))),
    lacking.length ? make("p", { class: "soft small" }, t("lacking", { what: lacking.map(([name, n]) => `${t(name)} ${n}`).join(", ") })) : null),
  found.people.length ? table(t("people"), [t("name"), t("answers"), t("assigned"), t("done"), t("today")],
    found.people.map(each => [each.name, each.answers, each.assigned, each.done, each.today]), 1) : null,
  agreement.length ? table(t("agreement"), [t("modality"), t("question"), t("measure"), t("alone"), t("last"), "α", t("clips")],
    agreement.map(each => [t(each.modality), own(task.questions.find(q => q.name === each.question).say, each.question),
      t(each.measure), figure(each.alone), figure(each.last), figure(each.alpha), each.clips]), 3) : null);
}
