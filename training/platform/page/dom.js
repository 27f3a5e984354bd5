// Elements from names, properties and children; text is always text and never markup.
export const $ = id => document.getElementById(id);

export function make(tag, props = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(props)) {
    if (value === undefined || value === null || value === false) continue;
    if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
    else if (name === "class") node.className = value;
    else if (name in node && !name.includes("-")) node[name] = value;
    else node.setAttribute(name, value === true ? "" : value);
  }
  node.append(...children.flat().filter(child => child !== null && child !== undefined));
  return node;
}

// Show a view and begin to read at its heading, so that keys and screen readers are there.
export function show(...nodes) {
  const main = $("main");
  main.replaceChildren(...nodes.flat().filter(Boolean));
  const heading = main.querySelector("h1");
  if (heading) {
    heading.tabIndex = -1;
    heading.focus({ preventScroll: true });
  }
  window.scrollTo(0, 0);
}

// Say something in the live region; it goes by itself.
let timer;
export function say(text, stays = false) {
  $("said").textContent = text;
  clearTimeout(timer);
  if (!stays) timer = setTimeout(() => { $("said").textContent = ""; }, 4000);
}

export function secret() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, byte => byte.toString(16).padStart(2, "0")).join("");
}
