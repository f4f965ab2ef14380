// Bad days: what is blocked, what spreads, what is out of order.
import { api, ApiError, ask, badge, choice, el, field, fill, has, note, noteError, nothing, number, reasonInput, state, t, when } from "./base.js";
import { facts } from "./held.js";

const lasting = ["30m", "1h", "4h", "12h", "1d", "7d", "30d"];
const ahead = ["", "30m", "1h", "2h", "4h", "8h", "1d"];
const ago = ["", "10m", "30m", "1h", "2h", "4h"];
const kMostShown = 2000;

const figures = ["messages", "recipients"];
const head = (names) => el("thead", {}, el("tr", {}, names.map((name) => el(figures.includes(name) ? "th.num" : "th", { scope: "col" }, t(`col.${name}`)))));
const spans = (name, list, value, empty, words) => choice(name, list.map((one) => [one, one === "" ? t(empty) : t(words, { span: t(`lasts.${one}`) })]), value);

async function change(method, path, body, again) {
  try {
    const done = await api(method, path, body);
    note(t("saved"));
    again();
    return done;
  } catch (error) {
    // The server names the field, which a general word does not.
    if (error instanceof ApiError && error.code === "bad-setting") note(`${error.text} ${error.message}`, "bad");
    else noteError(error);
    return null;
  }
}

const subject = (one) => (one.sha256 ? [t("block.sha256"), el("code", { title: one.sha256 }, one.sha256.slice(0, 16))] : one.from ? [t("block.from"), el("code", {}, one.from)] : [t("block.auth-user"), el("code", {}, one.auth_user)]);

async function addBlock(again, given = {}) {
  const kind = given.kind ?? "from";
  const values = await ask(t("block.add"), t("block.text"), [
    field(t("block.kind"), choice("kind", [["from", t("block.from")], ["sha256", t("block.sha256")], ["auth_user", t("block.auth-user")]], kind)),
    field(t("block.value"), el("input", { name: "value", required: true, maxlength: 500, autocomplete: "off", value: given.value ?? "" })),
    field(t("block.for"), spans("for", lasting, "4h", "", "block.for.span")), reasonInput()], t("block.add"), true);
  if (values === null) return;
  await change("POST", "blocks", { [values.kind]: values.value, for: values.for, reason: values.reason }, again);
}

async function removeBlock(one, again) {
  const values = await ask(t("block.remove"), `${one.id} ${one.reason}`, [reasonInput()], t("block.remove"));
  if (values !== null) await change("DELETE", `blocks/${one.id}`, { reason: values.reason }, again);
}

function blocks(box) {
  const again = () => blocks(box);
  fill(box, async () => {
    const { blocks: all, action, observe } = await api("GET", "blocks");
    return el("section.card", { id: "blocks" }, el("h2", {}, t("block.title")),
      el("p", {}, t(`block.action.${action}`)), observe ? el("div.alert.warn", {}, t("block.observe")) : null,
      all.length === 0 ? el("p", {}, t("block.empty")) : el("div.scroll", {}, el("table", {}, head(["fits", "until", "owner", "reason", "action"]), el("tbody", {}, all.map((one) => el("tr", { "data-id": one.id },
        el("td", {}, subject(one).flatMap((part) => [part, " "])),
        el("td.when", {}, when(one.expires), one.expired ? [" ", el("span.badge", {}, t("exception.expired"))] : null),
        el("td", {}, one.owner), el("td", {}, one.reason),
        el("td", {}, has("block") ? el("button.plain", { type: "button", "data-act": "unblock", onclick: () => removeBlock(one, again) }, t("block.remove")) : null)))))),
      has("block") ? el("div.row", {}, el("button.danger", { type: "button", id: "add-block", onclick: () => addBlock(again) }, t("block.add"))) : null);
  });
}

function outbreaks(box) {
  fill(box, async () => {
    const all = (await api("GET", "outbreaks")).outbreaks;
    return el("section.card", { id: "outbreaks" }, el("h2", {}, t("outbreak.title")),
      all.length === 0 ? el("p", {}, t("outbreak.empty")) : el("div.scroll", {}, el("table", {}, head(["kind", "content", "noticed", "last", "messages", "recipients", "state"]), el("tbody", {}, all.map((one) => el("tr", { "data-id": one.id },
        el("td", {}, el("a", { href: `#/incidents/${one.id}` }, t(`outbreak.${one.kind}`))),
        el("td", {}, one.file || el("code", {}, one.what.slice(0, 40)), one.type ? el("div.sub", {}, one.type) : null),
        el("td.when", {}, when(one.begun)), el("td.when", {}, when(one.seen)),
        el("td.num", {}, number(one.messages)), el("td.num", {}, number(one.recipients)),
        el("td", {}, el(one.over ? "span.badge" : "span.badge.refused", {}, t(one.over ? "outbreak.over" : "outbreak.on")), one.trouble ? el("div.sub", {}, t("outbreak.untold", { why: one.trouble })) : null)))))));
  });
}

export function outbreakDetail(place, id) {
  fill(place, async () => {
    let one;
    try {
      one = await api("GET", `outbreaks/${encodeURIComponent(id)}`);
    } catch (error) {
      if (error instanceof ApiError && error.status === 404) return el("div.card", {}, nothing(error.text, el("p", {}, el("a", { href: "#/incidents" }, t("incidents.back")))));
      throw error;
    }
    const kind = one.kind === "attachment" ? "sha256" : "auth_user";
    const shown = one.recipients.slice(0, kMostShown);
    return [
      el("p", {}, el("a", { href: "#/incidents" }, `← ${t("incidents.back")}`)),
      el("div.title", {}, el("h1", {}, one.file || t(`outbreak.${one.kind}`)), el(one.over ? "span.badge" : "span.badge.refused", {}, t(one.over ? "outbreak.over" : "outbreak.on"))),
      el("section.card", { id: "outbreak" }, facts([
        [t("col.kind"), t(`outbreak.${one.kind}`)], [t("outbreak.id"), el("code", {}, one.id)],
        [t("col.content"), one.what ? el("code", {}, one.what) : ""], [t("outbreak.type"), one.type],
        [t("col.noticed"), when(one.begun, true)], [t("col.last"), when(one.seen, true)],
        [t("outbreak.told"), one.told ? when(one.told, true) : t("none")], [t("outbreak.trouble"), one.trouble],
        [t("col.messages"), number(one.messages)], [t("outbreak.senders"), one.senders.slice(0, 50).map((from) => from || "<>").join(", ")],
      ]), has("block") && one.what && one.kind !== "body" ? el("div.row", {}, el("button.danger", { type: "button", id: "add-block", onclick: () => addBlock(() => { location.hash = "#/incidents"; }, { kind, value: one.what }) }, t("block.add"))) : null),
      el("section.card", { id: "touched" }, el("h2", {}, t("outbreak.touched", { n: number(one.recipients.length) })),
        shown.length < one.recipients.length ? el("p", {}, t("outbreak.cut", { n: number(shown.length) })) : null,
        el("div.scroll", {}, el("table", {}, head(["recipient", "action"]), el("tbody", {}, shown.map((to) => el("tr", {}, el("td", {}, to.rcpt), el("td", {}, badge("action", to.action)))))))),
    ];
  });
}

const causeInput = (value, required) => field(t("outage.cause"), el("input", { name: "cause", required, maxlength: 160, value, autocomplete: "off" }));
const partsInput = (value) => field(t("outage.parts"), el("input", { name: "parts", maxlength: 160, value, autocomplete: "off" }));

async function startOutage(again) {
  const values = await ask(t("outage.start"), t("outage.text"), [causeInput("", true), partsInput(""),
    field(t("outage.began"), spans("start", ago, "", "outage.now", "outage.ago")),
    field(t("outage.expected"), spans("expected", ahead, "", "outage.unknown", "outage.in"))], t("outage.start"));
  if (values !== null) await change("POST", "outages", values, again);
}

async function updateOutage(one, again) {
  const values = await ask(t("outage.update"), null, [causeInput(one.cause, true), partsInput(one.parts),
    field(t("outage.expected"), spans("expected", ahead, "", "outage.as-before", "outage.in"))], t("outage.update"));
  if (values !== null) await change("PUT", `outages/${one.id}`, values, again);
}

async function endOutage(one, again) {
  const values = await ask(t("outage.end"), null, [causeInput(one.cause, true),
    field(t("outage.ended"), spans("end", ago, "", "outage.now", "outage.ago"))], t("outage.end"));
  if (values !== null) await change("POST", `outages/${one.id}/end`, values, again);
}

const showNotice = (one) => ask(t("outage.notice"), t("outage.notice.text"), [el("div.text", { id: "outage-notice" }, one.notice[state.language])], t("close"));

function outages(box) {
  const again = () => outages(box);
  fill(box, async () => {
    const { outages: all, more } = await api("GET", "outages");
    return el("section.card", { id: "outages" }, el("h2", {}, t("outage.title")), more ? el("p", {}, t("outage.more")) : null,
      all.length === 0 ? el("p", {}, t("outage.empty")) : el("div.scroll", {}, el("table", {}, head(["begun", "expected", "ended", "cause", "owner", "action"]), el("tbody", {}, all.map((one) => el("tr", { "data-id": one.id },
        el("td.when", {}, when(one.start)), el("td.when", {}, one.expected ? when(one.expected) : t("outage.unknown")),
        el("td.when", {}, one.open ? el("span.badge.refused", {}, t("outage.open")) : when(one.end)),
        el("td", {}, one.cause, one.parts ? el("div.sub", {}, one.parts) : null), el("td", {}, one.by),
        el("td", {}, el("div.row", {}, el("button.plain", { type: "button", "data-act": "notice", onclick: () => showNotice(one) }, t("outage.notice")),
          one.open && has("outage") ? [el("button.plain", { type: "button", "data-act": "update", onclick: () => updateOutage(one, again) }, t("outage.update")), el("button.plain", { type: "button", "data-act": "end", onclick: () => endOutage(one, again) }, t("outage.end"))] : null))))))),
      has("outage") ? el("div.row", {}, el("button.primary", { type: "button", id: "start-outage", onclick: () => startOutage(again) }, t("outage.start"))) : null);
  });
}

export function incidents(place, values, id) {
  if (id) {
    outbreakDetail(place, id);
    return;
  }
  const boxes = [el("div"), el("div"), el("div")];
  place.append(el("div.title", {}, el("h1", {}, t("incidents.title"))), ...boxes);
  outages(boxes[0]);
  outbreaks(boxes[1]);
  blocks(boxes[2]);
}
