// What every page stands on: words, the API, elements (text only, never markup), times, dialogs.
export const state = { me: null, words: {}, language: "vi" };

export const has = (permission) => state.me !== null && state.me.permissions.includes(permission);

export function t(key, values = {}) {
  const entry = state.words[key];
  let text = entry === undefined ? key.split(".").slice(1).join(".") || key : entry[state.language];
  for (const [name, value] of Object.entries(values)) text = text.replaceAll(`{${name}}`, value);
  return text;
}

// el("td.when", {title: "..."}, child, ...): strings become text nodes, null nothing.
export function el(what, attributes = {}, ...children) {
  const [name, ...classes] = what.split(".");
  const node = document.createElement(name || "div");
  if (classes.length > 0) node.className = classes.join(" ");
  for (const [key, value] of Object.entries(attributes)) {
    if (value === null || value === undefined || value === false) continue;
    if (key.startsWith("on")) node.addEventListener(key.slice(2), value);
    else if (key === "value") node.value = value;
    else if (key === "checked" || key === "disabled" || key === "hidden") node[key] = value;
    else node.setAttribute(key, value === true ? "" : String(value));
  }
  node.append(...children.flat(Infinity).filter((child) => child !== null && child !== undefined && child !== false));
  return node;
}

export function svg(name, attributes = {}, ...children) {
  const node = document.createElementNS("http://www.w3.org/2000/svg", name);
  for (const [key, value] of Object.entries(attributes)) node.setAttribute(key, String(value));
  node.append(...children);
  return node;
}

export class ApiError extends Error {
  constructor(status, code, message) {
    super(message);
    this.status = status;
    this.code = code;
  }
  get text() {
    const known = state.words[`error.${this.code}`];
    return known === undefined ? this.message : known[state.language];
  }
}

export async function api(method, path, body) {
  const headers = {};
  if (body !== undefined) headers["content-type"] = "application/json";
  if (state.me !== null) headers["x-csrf-token"] = state.me.csrf;
  let answer;
  try {
    answer = await fetch(`/api/v1/${path}`, { method, headers, body: body === undefined ? undefined : JSON.stringify(body) });
  } catch {
    throw new ApiError(0, "network", "network");
  }
  const json = await answer.json().catch(() => ({}));
  if (!answer.ok) {
    const error = json.error ?? { code: "internal", message: String(answer.status) };
    if (answer.status === 401 && state.me !== null) {
      state.me = null;
      document.dispatchEvent(new CustomEvent("signed-out"));
    }
    throw new ApiError(answer.status, error.code, error.message);
  }
  return json;
}

export function note(text, kind = "good") {
  // A click takes it away before its time: it may lie on a button.
  const box = el(`div.alert.${kind}`, { onclick: () => box.remove() }, text);
  document.getElementById("notes").append(box);
  setTimeout(() => box.remove(), kind === "good" ? 5000 : 12000);
}
export const noteError = (error) => note(error instanceof ApiError ? error.text : String(error), "bad");

const formats = new Map();
function format(options) {
  const key = `${state.language}|${state.me?.zone}|${JSON.stringify(options)}`;
  if (!formats.has(key)) {
    let made;
    try {
      made = new Intl.DateTimeFormat(state.language === "vi" ? "vi-VN" : "en-GB", { timeZone: state.me?.zone || undefined, ...options });
    } catch {
      made = new Intl.DateTimeFormat("en-GB", { timeZone: "UTC", ...options });
    }
    formats.set(key, made);
  }
  return formats.get(key);
}
export function when(text, full = false) {
  const date = new Date(text);
  if (Number.isNaN(date.getTime())) return "";
  return format({ day: "2-digit", month: "2-digit", year: "numeric", hour: "2-digit", minute: "2-digit", ...(full ? { second: "2-digit", timeZoneName: "short" } : {}) }).format(date);
}
export const day = (text, options = { day: "2-digit", month: "2-digit" }) => format(options).format(new Date(text));
// The beginning of a day of the person's zone, as UTC; `plus` days later.
export function dayToUtc(text, plus = 0) {
  if (!text) return "";
  const noon = new Date(`${text}T12:00:00Z`);
  noon.setUTCDate(noon.getUTCDate() + plus);
  const parts = Object.fromEntries(format({ year: "numeric", month: "2-digit", day: "2-digit", hour: "2-digit", minute: "2-digit", hourCycle: "h23" }).formatToParts(noon).map((p) => [p.type, p.value]));
  const local = Date.UTC(parts.year, parts.month - 1, parts.day, parts.hour, parts.minute);
  const midnight = Date.UTC(noon.getUTCFullYear(), noon.getUTCMonth(), noon.getUTCDate()) - (local - noon.getTime());
  return new Date(midnight).toISOString().replace(/\.000Z$/, "Z");
}
export function size(bytes) {
  const units = ["B", "KB", "MB", "GB", "TB"];
  let n = bytes;
  let unit = 0;
  while (n >= 1000 && unit < 4) {
    n /= 1000;
    unit += 1;
  }
  return `${n.toLocaleString(state.language, { maximumFractionDigits: unit === 0 || n >= 100 ? 0 : 1 })} ${units[unit]}`;
}
export const number = (n) => n.toLocaleString(state.language);

export const badge = (group, word) => (word ? el(`span.badge.${word.replaceAll(/[^a-zA-Z-]/g, "")}`, {}, t(`${group}.${word}`)) : null);
export const rule = (id) => el("span.rule", {}, id);

export const bones = () => el("div.card.bones", { "aria-label": t("loading"), role: "status" }, el("i"), el("i"), el("i"), el("i"));
export const nothing = (title, more) => el("div.state", {}, el("b", {}, title), more);
export function failed(error, again) {
  return el("div.card", {}, el("div.state", {}, el("b", {}, t("error.title")), error instanceof ApiError ? error.text : String(error), el("p", {}, el("button", { onclick: again }, t("again")))));
}

// Fills `box` with what `load` gives; meanwhile bones, on failure the reason and a way on.
export async function fill(box, load) {
  box.replaceChildren(bones());
  try {
    box.replaceChildren(...[await load()].flat());
  } catch (error) {
    if (!(error instanceof ApiError)) console.error(error);
    box.replaceChildren(failed(error, () => fill(box, load)));
  }
}

export function field(label, input, wide = false) {
  return el(wide ? "label.wide" : "label", {}, el("span", {}, label), input);
}
export function choice(name, options, value) {
  return el("select", { name }, options.map(([key, text]) => el("option", { value: key, selected: key === value }, text)));
}

// A dialog with a form: resolves to its values, or null.
export function ask(title, lead, inputs, go, danger = false) {
  return new Promise((resolve) => {
    const form = el("form.stack", { method: "dialog" }, el("h2", {}, title), lead ? el("p", {}, lead) : null, ...inputs,
      el("div.row", {}, el("button", { type: "button", onclick: () => box.close() }, t("cancel")),
        el(danger ? "button.danger" : "button.primary", { type: "submit", id: "dialog-go" }, go)));
    const box = el("dialog", { "aria-label": title }, form);
    let result = null;
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      result = Object.fromEntries(new FormData(form));
      box.close();
    });
    box.addEventListener("close", () => {
      box.remove();
      resolve(result);
    });
    document.body.append(box);
    box.showModal();
    form.querySelector("input:not([type=checkbox]), textarea")?.focus();
  });
}
export const reasonInput = () => field(t("act.reason"), el("input", { name: "reason", required: true, minlength: 3, maxlength: 500, autocomplete: "off" }));
