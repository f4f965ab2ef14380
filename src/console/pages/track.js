// Everything decided, by whatever the person has in hand.
import { api, badge, el, field, fill, nothing, rule, t, when } from "./base.js";

const actions = ["accept", "tag", "quarantine", "reject", "defer"];

export function track(place, values) {
  const form = el("form.card.filters", { role: "search" },
    field(t("track.lead"), el("input", { name: "q", type: "search", value: values.q ?? "", autofocus: true }), true),
    field(t("col.action"), el("select", { name: "action" }, el("option", { value: "" }, t("all")), actions.map((a) => el("option", { value: a, selected: a === values.action }, t(`action.${a}`))))),
    field(t("col.rules"), el("input", { name: "rule", value: values.rule ?? "" })),
    el("div.row", {}, el("button.primary", { type: "submit" }, t("search"))));
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    location.hash = `#/track?${new URLSearchParams([...new FormData(form)].filter(([, value]) => value !== ""))}`;
  });
  const box = el("div");
  place.append(el("div.title", {}, el("h1", {}, t("track.title"))), form, box);
  fill(box, async () => {
    const page = await api("GET", `decisions?${new URLSearchParams(values)}`);
    if (page.rows.length === 0) return el("div.card", {}, nothing(t("track.empty"), t("track.empty.more")));
    return el("div.card", {}, el("div.scroll", {}, el("table", { id: "decisions" },
      el("thead", {}, el("tr", {}, ["when", "action", "sender", "recipient", "rules", "entry"].map((name) => el("th", { scope: "col" }, t(`col.${name}`))))),
      el("tbody", {}, page.rows.map((row) => el("tr", {},
        el("td.when", {}, when(row.at, false)),
        el("td", {}, badge("action", row.action), row.category ? el("div.sub", {}, t(`category.${row.category}`)) : null),
        el("td", {}, row.from || "<>", el("div.sub", {}, row.client_ip)),
        el("td", {}, row.recipients.map((one) => el("div", {}, one.rcpt, one.action === row.action ? "" : el("span.sub", {}, ` ${t(`action.${one.action}`)}`)))),
        el("td", {}, row.rules.slice(0, 5).map((one) => rule(one.id)), el("div.sub", {}, row.reply)),
        el("td", {}, row.held_id ? el("a", { href: `#/held/${row.held_id}` }, el("code", {}, row.held_id)) : el("code", {}, row.id), el("div.sub", {}, [row.queue_id, row.message_id].filter(Boolean).join(" "))))))) ),
      page.next > 0 ? el("div.pager", {}, el("button", { type: "button", onclick: () => { location.hash = `#/track?${new URLSearchParams({ ...values, before: page.next })}`; } }, t("track.more"))) : null);
  });
}
