// The door, the head of the page, and which view is shown.
import { $, make, say, show } from "./dom.js";
import { Refused, get, post } from "./api.js";
import * as words from "./words.js";
import * as keys from "./keys.js";
import { progress } from "./progress.js";
import { queue } from "./review.js";
import { work } from "./work.js";

const { own, t } = words;
let me = null, task = null;

const views = {
  work: () => work(task),
  review: () => queue(task),
  progress: () => progress(task, me),
};
const mine = () => (me.role === "reviewer" ? ["review", "progress"] : ["work", "progress"]);

function head() {
  const view = location.hash.slice(1);
  const language = make("button", { type: "button", lang: words.other() === "zh" ? "zh-CN" : "en", onclick: () => {
    words.speak(words.other());
    me ? go() : door();
  } }, words.other() === "zh" ? "中文" : "English");
  $("head").hidden = false;
  $("head").replaceChildren(
    make("span", { class: "brand" }, make("img", { src: "/icon.svg", alt: "" }), task ? own(task.title, task.corpus) : "affecthub"),
    make("nav", { "aria-label": t("views") }, me ? mine().map(name => make("a", {
      href: `#${name}`, "aria-current": name === view ? "page" : null }, t(`view_${name}`))) : []),
    ...(me ? [make("span", { class: "soft small" }, me.name)] : []), language,
    ...(me ? [make("button", { type: "button", onclick: leave }, t("sign_out"))] : []));
  document.title = task ? `${own(task.title, task.corpus)} · affecthub` : "affecthub";
}

async function go() {
  const asked = location.hash.slice(1);
  const view = mine().includes(asked) ? asked : mine()[0];
  if (view !== asked) history.replaceState(null, "", `#${view}`);
  head();
  await views[view]();
}

async function enter() {
  const found = await get("/api/me");
  if (!found.name) return door();
  // What somebody else had typed in this tab is not shown to whoever signs in next.
  if (sessionStorage.getItem("who") !== found.name) sessionStorage.clear();
  sessionStorage.setItem("who", found.name);
  me = found;
  task = await get("/api/task");
  await go();
}

async function leave() {
  await post("/api/logout");
  me = task = null;
  sessionStorage.clear();
  door();
}

function door() {
  keys.clear();
  head();
  const token = make("input", { type: "password", id: "token", autocomplete: "current-password", required: true, spellcheck: false });
  const fault = make("p", { class: "fault", id: "fault", role: "alert" });
  token.setAttribute("aria-describedby", "fault");
  const form = make("form", { onsubmit: async event => {
    event.preventDefault();
    try {
      await post("/api/login", { token: token.value });
      token.value = "";
      await enter();
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      fault.textContent = error.status === 429 ? t("too_often", { n: error.wait }) : t("unknown_token");
      token.select();
    }
  } }, make("input", { type: "text", name: "username", autocomplete: "username", hidden: true }),
  make("div", {}, make("label", { class: "name", htmlFor: "token" }, t("token")), token, fault),
  make("button", { class: "button main", type: "submit" }, t("sign_in")));
  show(make("div", { class: "card door" }, make("img", { src: "/icon.svg", alt: "" }), make("h1", {}, t("welcome")),
    make("p", { class: "soft" }, t("welcome_more")), form));
  token.focus();
}

// A session that has ended leads to the door; what was typed is kept.
window.addEventListener("unhandledrejection", event => {
  const error = event.reason;
  event.preventDefault();
  if (error instanceof Refused && error.status === 401) {
    me = task = null;
    door();
    return;
  }
  console.error(error);
  say(t("went_wrong"), true);
});
window.addEventListener("hashchange", () => me && go());

await words.load();
await enter();
