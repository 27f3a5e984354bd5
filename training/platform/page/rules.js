// The logical checks as one types; the server checks by the same conditions (rules.py).
const compare = {
  below: (value, limit) => value < limit,
  above: (value, limit) => value > limit,
  at_least: (value, limit) => value >= limit,
  at_most: (value, limit) => value <= limit,
};

function valueOf(answer, key) {
  const [name, part] = key.split(".");
  const value = answer[name] ?? null;
  if (value !== null && typeof value === "object") return value[part ? "confidence" : "label"] ?? null;
  return part ? null : value;
}

function holds(condition, value) {
  if (value === null) return false;
  if (Array.isArray(condition)) return condition.includes(value);
  if (condition.mentions)
    return condition.mentions.some(word => String(value).toLowerCase().includes(word.toLowerCase()));
  return Object.entries(condition).every(([name, limit]) => compare[name](value, limit));
}

export const broken = (rules, answer) => rules.filter(rule =>
  Object.entries(rule.when).every(([key, condition]) => holds(condition, valueOf(answer, key))));
