// Everything by keys: what each does now, and a list of it to read.
import { make } from "./dom.js";
import { t } from "./words.js";

let actions = new Map();
let lines = [];

export function clear() {
  actions = new Map();
  lines = [];
}

export const on = (key, action) => actions.set(key, action);
export const describe = (keys, text) => lines.push([keys, text]);

const isTyping = node => node instanceof HTMLTextAreaElement
  || (node instanceof HTMLInputElement && ["password", "text"].includes(node.type));

document.addEventListener("keydown", event => {
  if (event.altKey || event.metaKey || document.querySelector("dialog[open]")) return;
  const typing = isTyping(event.target);
  if (typing && event.key === "Escape") {
    event.target.blur();
    document.querySelector("h1")?.focus();
    return;
  }
  if (event.ctrlKey !== (typing && event.key === "Enter")) return;
  if (typing && event.key !== "Enter") return;
  // Enter on a button or a link is its own.
  if (event.key === "Enter" && event.target.closest("button, a, summary, select")) return;
  const action = actions.get(event.key.length === 1 ? event.key.toLowerCase() : event.key);
  if (!action) return;
  event.preventDefault();
  action();
});

export function help() {
  const list = make("dl", {}, lines.map(([keys, text]) => [
    make("dt", {}, keys.map(key => make("kbd", {}, key)).flatMap((node, i) => (i ? [" ", node] : [node]))),
    make("dd", {}, text),
  ]).flat());
  const close = make("button", { class: "button main", type: "button" }, t("close"));
  const dialog = make("dialog", { "aria-labelledby": "keys" },
    make("h2", { id: "keys" }, t("keys")), list, close);
  close.addEventListener("click", () => dialog.close());
  dialog.addEventListener("close", () => dialog.remove());
  document.body.append(dialog);
  dialog.showModal();
}
