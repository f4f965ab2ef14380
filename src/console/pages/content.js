// The content of a held letter: text with its hits marked, a safe rendering, headers.
import { api, ask, el, field, noteError, reasonInput, rule, state, t } from "./base.js";
import { keyForm } from "./key.js";

const kMostShown = 200000;

// Marks are in bytes of UTF-8, texts here in UTF-16: cut as bytes, decoded piece by piece.
function marked(text, marks) {
  const bytes = new TextEncoder().encode(text);
  const decoder = new TextDecoder();
  const out = [];
  let at = 0;
  const sorted = [...marks].sort((a, b) => a.start - b.start || b.end - a.end);
  for (const mark of sorted) {
    if (mark.start < at || mark.end > bytes.length || mark.end <= mark.start) continue;
    out.push(decoder.decode(bytes.subarray(at, mark.start)));
    out.push(el("mark", { title: mark.rule, "data-rule": mark.rule }, decoder.decode(bytes.subarray(mark.start, mark.end))));
    at = mark.end;
  }
  out.push(decoder.decode(bytes.subarray(at, at + kMostShown)));
  return { nodes: out, cut: bytes.length - at > kMostShown };
}

function texts(answer) {
  if (!answer.texts || answer.texts.length === 0) return el("p", {}, t("content.none"));
  return el("div", {}, answer.texts.map((one) => {
    const { nodes, cut } = marked(one.text, one.marks);
    return [
      el("div.zone", {}, el("b", {}, t(`zone.${one.zone}`)), one.path ? el("small.mono", {}, one.path) : null, ...[...new Set(one.marks.map((m) => m.rule))].map(rule)),
      el("div.text", { tabindex: 0, "data-zone": one.zone }, nodes), cut ? el("small", {}, t("content.cut")) : null,
    ];
  }));
}

function renderings(answer, id) {
  return el("div", {}, el("p", {}, t("content.safe")), answer.pages.map((page) => [
    el("div.zone", {}, el("small.mono", {}, page.part)),
    // No scripts, no forms, no origin, no navigation: everything that `sandbox` can take away.
    el("iframe.page", { sandbox: "", referrerpolicy: "no-referrer", title: t("content.page"), src: `/api/v1/held/${id}/frame/${page.frame}` }),
  ]));
}

// Bitmaps that a sandboxed worker drew and we wrote: none of the sender's bytes.
function pictures(answer, id) {
  const left = answer.pictures_left_out ?? [];
  return el("div", {}, el("p", {}, t("content.drawn")),
    answer.pictures_error ? el("div.alert.warn", {}, t("content.undrawn"), ": ", answer.pictures_error) : null,
    answer.pictures.map((one) => {
      const name = one.page > 0 ? `${one.part} · ${t("content.pageof")} ${one.page}/${one.pages}` : one.part;
      return el("figure.picture", {}, el("img", { src: `/api/v1/held/${id}/picture/${one.picture}`, width: one.width, height: one.height, alt: name, referrerpolicy: "no-referrer" }),
        el("figcaption.mono", {}, name));
    }),
    answer.pictures.length === 0 && left.length === 0 && !answer.pictures_error ? el("p", {}, t("content.nopictures")) : null,
    left.length > 0 ? el("div.alert.warn", {}, t("content.leftout"), ": ", el("span.mono", {}, left.join(", "))) : null);
}

function headers(answer) {
  return el("div.scroll", {}, el("table", {}, el("tbody", {}, (answer.headers ?? []).map((one) => el("tr", {}, el("th", { scope: "row" }, one.name), el("td", {}, one.value))))));
}

function tabs(answer, id) {
  const views = [["text", () => texts(answer)]];
  if (answer.pages && answer.pages.length > 0) views.push(["page", () => renderings(answer, id)]);
  if (answer.pictures) views.push(["pictures", () => pictures(answer, id)]);
  views.push(["headers", () => headers(answer)]);
  const panel = el("div", { role: "tabpanel" });
  const buttons = views.map(([name, make], index) => el("button", { type: "button", role: "tab", id: `tab-${name}`, "aria-selected": String(index === 0), onclick: () => {
    for (const one of buttons) one.setAttribute("aria-selected", String(one.id === `tab-${name}`));
    panel.replaceChildren(make());
  } }, t(`content.${name}`)));
  panel.replaceChildren(views[0][1]());
  return [el("div.tabs", { role: "tablist" }, buttons), panel];
}

export function content(box, held, again) {
  if (held.sealed && !state.me.key) {
    return el("section.card", {}, el("h2", {}, t("content.title")), el("p", {}, t("key.sealed")), keyForm(again));
  }
  const encrypted = (held.decision?.unscannable ?? []).some((one) => one.reason === "encrypted");
  const place = el("div", { "aria-live": "polite" });  // the buttons stay: a wrong password is typed again
  const view = async (withPassword) => {
    const drawn = el("label.check", {}, el("input", { type: "checkbox", name: "pictures", value: "1" }), el("span", {}, t("act.pictures")));
    const inputs = withPassword ? [field(t("act.open.password"), el("input", { name: "password", type: "password", required: true, maxlength: 200, autocomplete: "off" })), reasonInput(), drawn] : [reasonInput(), drawn];
    const values = await ask(t(withPassword ? "act.open" : "act.view"), t(withPassword ? "act.open.text" : "act.view.text"), inputs, t(withPassword ? "act.open" : "act.view"));
    if (values === null) return;
    try {
      const answer = await api("POST", `held/${held.id}/view`, values);
      const still = withPassword && (answer.unscannable ?? []).some((one) => one.reason === "encrypted");
      place.replaceChildren(...(still ? [el("div.alert.warn", {}, t("detail.unscannable"), ": ", answer.unscannable.filter((one) => one.reason === "encrypted").map((one) => one.path).join(", "))] : []), ...tabs(answer, held.id));
    } catch (error) {
      noteError(error);
    }
  };
  box.append(el("div.row", {}, el("button.primary", { type: "button", id: "view", onclick: () => view(false) }, t("act.view")),
    encrypted ? el("button", { type: "button", id: "open", onclick: () => view(true) }, t("act.open")) : null), place);
  return el("section.card", {}, el("h2", {}, t("content.title")), box);
}
