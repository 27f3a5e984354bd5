// What is judged: a text, a sound or a film; and the turns before it.
import { make, say } from "./dom.js";
import { t } from "./words.js";
import * as keys from "./keys.js";

function medium(piece, modality, name) {
  if (piece.text !== undefined) return make("p", { class: "said", lang: piece.language ?? undefined }, piece.text);
  if (!piece.media) return make("p", { class: "soft small" }, t("not_yet"));
  const node = make(modality === "sound" ? "audio" : "video", {
    src: piece.media, controls: true, preload: "auto", "aria-label": name,
  });
  node.disablePictureInPicture = true;
  node.addEventListener("error", () => node.replaceWith(make("p", { class: "note bad", role: "alert" }, t("cannot_play"))));
  return node;
}

export function player(piece) {
  const main = medium(piece, piece.modality, t(`this_${piece.modality}`));
  const turns = piece.context.map(turn => medium(turn, piece.modality, t("turn_of", { who: turn.speaker ?? "?" })));
  const context = make("details", {},
    make("summary", {}, t("before", { n: piece.context.length })),
    make("ol", { class: "turns" }, piece.context.map((turn, i) => make("li", {},
      make("span", { class: "who" }, turn.speaker ?? ""), turns[i]))));
  const playable = node => node instanceof HTMLMediaElement;
  const all = () => [main, ...turns].filter(playable);
  const stop = except => all().forEach(node => node !== except && node.pause());
  const play = async node => {
    stop(node);
    try { await node.play(); } catch { say(t("cannot_play")); }
  };
  all().forEach(node => node.addEventListener("play", () => stop(node)));
  if (playable(main)) {
    keys.on("p", () => (main.paused ? play(main) : main.pause()));
    keys.on("r", () => { main.currentTime = 0; play(main); });
    keys.describe(["P"], t("play"));
    keys.describe(["R"], t("replay"));
  }
  if (piece.context.length) {
    let at = -1;
    keys.on("t", () => {
      context.open = true;
      const heard = turns.filter(playable);
      if (!heard.length) return context.querySelector("summary").focus();
      at = (at + 1) % heard.length;
      play(heard[at]);
    });
    keys.describe(["T"], t("turns"));
  }
  return make("section", { class: "card", "aria-labelledby": "shown" },
    make("h2", { id: "shown" }, t(`see_${piece.modality}`)), main,
    piece.context.length ? context : null);
}
