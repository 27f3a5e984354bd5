// The interface in English and Chinese: our words by key, and the task's own words by language.
const known = {};
let language = "en";

export async function load() {
  for (const each of ["en", "zh"])
    known[each] = await (await fetch(`/words/${each}.json`)).json();
  const kept = localStorage.getItem("language");
  speak(known[kept] ? kept : navigator.language.toLowerCase().startsWith("zh") ? "zh" : "en");
}

export function speak(chosen) {
  language = chosen;
  localStorage.setItem("language", chosen);
  document.documentElement.lang = chosen === "zh" ? "zh-CN" : "en";
}

export const spoken = () => language;
export const other = () => (language === "en" ? "zh" : "en");

// A text of ours; {name} in it is filled.
export function t(key, values = {}) {
  const text = known[language][key] ?? known.en[key] ?? key;
  return text.replace(/\{(\w+)\}/g, (whole, name) => values[name] ?? whole);
}

// A text of the task, in this language or else in the one it has.
export const own = (texts, otherwise = "") =>
  texts?.[language] ?? texts?.en ?? texts?.zh ?? otherwise;

export const labelOf = (question, label) => question.label_words?.[language]?.[label] ?? label;

// "emotion:labels_differ" in words.
export function reason(task, why) {
  const [name, code] = why.split(":");
  const question = task.questions.find(each => each.name === name);
  return `${own(question?.say, name)}: ${t(code)}`;
}
