// Requests to our server. A refusal is an Error with `status`, `why` and what came with it.
export class Refused extends Error {
  constructor(status, content) {
    super(content.why ?? String(status));
    this.status = status;
    this.content = content;
    this.why = content.why ?? "";
  }
}

async function ask(path, options) {
  const answer = await fetch(path, { credentials: "same-origin", ...options });
  const content = await answer.json().catch(() => ({}));
  if (!answer.ok) {
    const refused = new Refused(answer.status, content);
    refused.wait = answer.headers.get("Retry-After");
    throw refused;
  }
  return content;
}

export const get = path => ask(path, {});

export const post = (path, content = {}) => ask(path, {
  method: "POST",
  headers: { "Content-Type": "application/json", "X-Affecthub": "1" },
  body: JSON.stringify(content),
});

// Send until the server answers: the same key makes the same answer count once.
export async function insist(path, content, onWait) {
  for (let pause = 1; ; pause = Math.min(2 * pause, 15)) {
    try {
      return await post(path, content);
    } catch (error) {
      if (error instanceof Refused && error.status < 500) throw error;
      onWait(pause);
      await new Promise(done => setTimeout(done, 1000 * pause));
    }
  }
}
