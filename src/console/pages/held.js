// The list of held mail and one entry.
import { api, ApiError, ask, badge, choice, dayToUtc, el, field, fill, has, note, noteError, nothing, number, reasonInput, rule, size, state, t, when } from "./base.js";
import { content } from "./content.js";
import { countersign, unsigned, urgent } from "./urgent.js";

const categories = ["spam", "virus", "marking", "freemail", "unscannable", "ambiguous", "phish"];
const states = ["held", "releasing", "released", "deleted"];
const columns = [["time", "when"], ["sender", "sender"], ["recipient", "recipient"], [null, "subject"], ["category", "category"], [null, "rules"], ["score", "score"], ["size", "size"], ["state", "state"]];

function go(values) {
  const given = Object.entries(values).filter(([, value]) => value !== "" && value !== undefined && value !== null);
  location.hash = `#/held?${new URLSearchParams(given)}`;
}

export function heldList(place, values) {
  const filters = { state: "held", ...values };
  const form = el("form.card.filters", { role: "search" },
    field(t("filter.text"), el("input", { name: "text", type: "search", value: filters.text ?? "" }), true),
    field(t("col.sender"), el("input", { name: "sender", value: filters.sender ?? "" })),
    field(t("col.recipient"), el("input", { name: "recipient", value: filters.recipient ?? "" })),
    field(t("filter.rule"), el("input", { name: "rule", value: filters.rule ?? "" })),
    field(t("col.category"), choice("category", [["", t("all")], ...categories.map((c) => [c, t(`category.${c}`)])], filters.category ?? "")),
    field(t("col.state"), choice("state", [["", t("all")], ...states.map((s) => [s, t(`state.${s}`)])], filters.state)),
    field(t("filter.since"), el("input", { name: "since", type: "date", value: filters.since ?? "" })),
    field(t("filter.until"), el("input", { name: "until", type: "date", value: filters.until ?? "" })),
    el("div.row", {}, el("button.primary", { type: "submit" }, t("search")), el("button.plain", { type: "button", onclick: () => go({ state: "held" }) }, t("clear"))));
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const { sort, order } = filters;
    go({ sort, order, ...Object.fromEntries(new FormData(form)), state: new FormData(form).get("state") || "all" });
  });
  const box = el("div");
  const heading = el("div.title", {}, el("h1", {}, t("held.title")), el("span.count", { id: "count" }));
  const waiting = el("div");
  place.append(heading, waiting, form, box);
  unsigned(waiting);
  fill(box, async () => {
    const query = new URLSearchParams();
    for (const [name, value] of Object.entries(filters)) {
      if (value === "" || (name === "state" && value === "all")) continue;
      query.set(name, name === "since" ? dayToUtc(value) : name === "until" ? dayToUtc(value, 1) : value);
    }
    const page = await api("GET", `held?${query}`);
    heading.querySelector("#count").textContent = t("held.count", { n: number(page.total) });
    if (page.rows.length === 0 && !page.more) {
      const plain = Object.keys(values).every((name) => name === "state" && values.state === "held");
      return el("div.card", {}, nothing(t("held.empty"), plain ? t("held.none") : t("held.empty.more")));
    }
    return table(page, filters);
  });
}

function table(page, filters) {
  const chosen = new Set();
  const sort = filters.sort ?? "time";
  const order = filters.order ?? "desc";
  const bulk = el("div.bulk", { hidden: true });
  const acts = has("release") || has("delete") || has("mark");
  const refresh = () => {
    bulk.hidden = chosen.size === 0;
    bulk.replaceChildren(el("b", {}, t("selected", { n: chosen.size })), ...actions([...chosen], () => window.dispatchEvent(new HashChangeEvent("hashchange"))));
  };
  const head = columns.map(([key, name]) => el(name === "size" || name === "score" ? "th.num" : "th", {
    scope: "col", "aria-sort": key === sort ? (order === "asc" ? "ascending" : "descending") : null,
  }, key === null ? t(`col.${name}`) : el("button", { type: "button", onclick: () => go({ ...filters, after: "", before: "", last: "", sort: key, order: key === sort && order === "desc" ? "asc" : "desc" }) }, t(`col.${name}`))));
  const all = el("input", { type: "checkbox", "aria-label": t("all"), onchange: (event) => {
    for (const box of body.querySelectorAll("input[type=checkbox]")) {
      box.checked = event.target.checked;
      if (box.checked) chosen.add(box.value);
      else chosen.delete(box.value);
    }
    refresh();
  } });
  const body = el("tbody", {}, page.rows.map((row) => el("tr", { "data-id": row.id },
    el("td", {}, acts ? el("input", { type: "checkbox", value: row.id, "aria-label": `${t("col.select")} ${row.id}`, onchange: (event) => {
      if (event.target.checked) chosen.add(row.id);
      else chosen.delete(row.id);
      refresh();
    } }) : null),
    el("td.when", {}, when(row.held_at)),
    el("td", {}, row.sender),
    el("td", {}, row.recipients.slice(0, 2).join(", "), row.recipients.length > 2 ? ` +${row.recipients.length - 2}` : ""),
    el("td", {}, el("a.subject", { href: `#/held/${row.id}` }, row.subject || (has("content") ? t("no-subject") : row.id)), row.wrongly ? el("div.sub", {}, t("detail.wrongly")) : null),
    el("td", {}, badge("category", row.category)),
    el("td.hide-small", {}, row.rules.slice(0, 2).map(rule), row.rules.length > 2 ? `+${row.rules.length - 2}` : ""),
    el("td.num.hide-small", {}, row.score.toFixed(1)),
    el("td.num.hide-small", {}, size(row.size)),
    el("td", {}, badge("state", row.state)))));
  const first = page.before + 1;
  const last = page.before + page.rows.length;
  const turn = (label, id, enabled, extra) => el("button", { type: "button", id, disabled: !enabled, onclick: () => go({ ...filters, after: "", before: "", last: "", ...extra }) }, label);
  return [
    el("div.card", {}, el("div.scroll", {}, el("table.list", {}, el("thead", {}, el("tr", {}, el("th", { scope: "col" }, acts ? all : null), head)), body)),
      // Sealed subjects are searched one after the other: how many there are in all nobody knows.
      el("div.pager", {}, el("span.where", {}, page.more === undefined ? t("page.where", { a: number(first), b: number(last), n: number(page.total) }) : t("page.searched", { b: number(page.rows.length), n: number(page.searched) })),
        turn(t("page.first"), "page-first", page.before > 0 || (page.more !== undefined && Boolean(filters.after)), {}),
        turn(t("page.before"), "page-before", page.before > 0, { before: page.rows[0]?.id }),
        turn(t("page.after"), "page-after", page.more ?? last < page.total, { after: page.next || page.rows.at(-1)?.id }),
        turn(t("page.last"), "page-last", page.more === undefined && last < page.total, { last: "1" }))),
    bulk,
  ];
}

async function act(what, ids, title, text, danger, done, recipients) {
  const inputs = [reasonInput()];
  const values = await ask(title, text, inputs, title, danger);
  if (values === null) return;
  try {
    const answer = await api("POST", `held/${what}`, { ids, reason: values.reason, ...(recipients ? { recipients } : {}) });
    const bad = answer.results.filter((one) => one.outcome === "refused" || one.outcome === "unknown");
    const good = answer.results.length - bad.length;
    if (good > 0) note(t("act.done", { n: good }));
    if (bad.length > 0) note(`${t("act.failed", { n: bad.length })} ${bad[0].id}: ${bad[0].message}`, "bad");
    done();
  } catch (error) {
    noteError(error);
  }
}

function actions(ids, done, recipients, two = false) {
  return [
    has("release") && two ? el("button.primary", { type: "button", "data-act": "request", onclick: () => act("request", ids, t("act.request"), t("act.request.text"), false, done, recipients?.()) }, t("act.request")) : null,
    has("release") ? el("button.primary", { type: "button", "data-act": "release", onclick: () => act("release", ids, t("act.release"), t("act.release.text"), false, done, recipients?.()) }, t("act.release")) : null,
    has("mark") ? el("button", { type: "button", "data-act": "wrongly", onclick: () => act("wrongly", ids, t("act.wrongly"), t("act.wrongly.text"), false, done) }, t("act.wrongly")) : null,
    has("delete") ? el("button.danger", { type: "button", "data-act": "delete", onclick: () => act("delete", ids, t("act.delete"), t("act.delete.text"), true, done) }, t("act.delete")) : null,
  ].filter((one) => one !== null);
}

async function download(id) {
  const values = await ask(t("act.download"), t("act.download.text"), [reasonInput()], t("act.download"));
  if (values === null) return;
  try {
    const made = await api("POST", `held/${id}/download`, { reason: values.reason });
    const link = el("a.button", { href: `/api/v1/held/${id}/download/${made.key}`, download: `${id}.zip`, id: "fetch-zip" }, t("download.get"));
    await ask(t("act.download"), null, [el("p", {}, `${t("download.password")}: `, el("code", { id: "zip-password" }, made.password)), link], t("close"));
  } catch (error) {
    noteError(error);
  }
}

async function letPass(held, again) {
  const values = await ask(t("exception.add"), t("exception.text"), [
    field(t("exception.by"), choice("by", [["sender", t("exception.sender")], ["file", t("exception.file")]], "sender")),
    field(t("exception.days"), el("input", { name: "days", type: "number", min: 1, max: 366, value: 30, required: true })), reasonInput()], t("exception.add"));
  if (values === null) return;
  try {
    const made = await api("POST", `held/${held.id}/exception`, { by: values.by, days: Number(values.days), reason: values.reason });
    note(t("exception.added", { when: when(made.exceptions[0].expires) }));
    again();
  } catch (error) {
    noteError(error);
  }
}

const facts = (pairs) => el("dl.facts", {}, pairs.filter(([, value]) => value !== "" && value !== null && value !== undefined).flatMap(([name, value]) => [el("dt", {}, name), el("dd", {}, value)]));

export function heldDetail(place, id) {
  fill(place, async () => {
    let held;
    try {
      held = await api("GET", `held/${encodeURIComponent(id)}`);
    } catch (error) {
      if (error instanceof ApiError && error.status === 404) return el("div.card", {}, nothing(error.text, el("p", {}, el("a", { href: "#/held" }, t("back")))));
      throw error;
    }
    const again = () => heldDetail(place, id);
    const decision = held.decision ?? {};
    const shown = el("div");
    const open = held.state === "held" || held.state === "releasing";
    const readable = held.may_read && held.state !== "deleted";
    return [
      el("p", {}, el("a", { href: "#/held" }, `← ${t("back")}`)),
      el("div.title", {}, el("h1", {}, held.subject || (held.may_read && !held.sealed ? t("no-subject") : held.id)), badge("category", held.category), badge("state", held.state), held.wrongly ? el("span.badge", {}, t("detail.wrongly")) : null),
      el("div.grid", {},
        el("div", {},
          el("section.card", {}, el("h2", {}, t("detail.message")), facts([
            [t("col.entry"), el("code", {}, held.id)],
            [t("col.when"), when(held.held_at, true)],
            [t("col.sender"), held.sender || "<>"],
            [t("detail.from"), held.header_from],
            [t("detail.client"), [held.client_name, held.client_ip].filter(Boolean).join(" · ")],
            [t("detail.user"), held.auth_user],
            [t("detail.queue"), held.queue_id], [t("detail.message-id"), held.message_id],
            [t("col.size"), size(held.size)],
            ["SHA-256", held.sha256 ? el("code", {}, held.sha256) : ""],
          ])),
          readable ? content(shown, held, again) : null,
          !held.may_read ? el("div.card", {}, t("detail.hidden")) : null,
          held.state === "deleted" ? el("div.card", {}, t("detail.deleted")) : null,
          why(held, decision), parts(decision)),
        el("div", {},
          el("section.card", {}, el("h2", {}, t("detail.actions")), recipients(held, open, again), el("div.row", {}, readable && has("export") ? el("button", { type: "button", id: "download", onclick: () => download(id) }, t("act.download")) : null, has("exception") && held.rules.length > 0 && !held.marked ? el("button", { type: "button", id: "exception", onclick: () => letPass(held, again) }, t("exception.add")) : null)),
          requests(held, again), history(held))),
    ];
  });
}

function recipients(held, open, again) {
  const boxes = held.recipients.map((one) => ({ one, box: el("input", { type: "checkbox", value: one.rcpt, checked: open && !one.released_at && one.may_release, disabled: !open || Boolean(one.released_at) || !one.may_release }) }));
  const chosen = () => boxes.filter(({ box }) => box.checked).map(({ box }) => box.value);
  return el("div", {},
    el("ul.who-gets", { id: "recipients" }, boxes.map(({ one, box }) => el("li", {}, el("label.check", {}, box, el("span", {}, one.rcpt, " ", el("span.badge", {}, t(`direction.${one.direction}`)))), one.released_at ? el("div.sub", {}, t("detail.released", { when: when(one.released_at), who: one.released_by })) : null))),
    open ? el("div.row", {}, ...actions([held.id], again, chosen, held.two_persons), held.may_release_urgently ? urgent(held, chosen, again) : null) : null);
}

function why(held, decision) {
  const list = (items, make) => (items && items.length > 0 ? items.map(make) : null);
  const rules = decision.rules ?? held.rules.map((id) => ({ id }));
  return el("section.card", {}, el("h2", {}, t("detail.why")), facts([
    [t("detail.clause"), held.clause], [t("col.score"), held.score.toFixed(1)],
    [t("col.rules"), rules.length > 0 ? el("div", {}, rules.map((one) => el("span", {}, rule(one.id), one.score ? `${one.score} ` : "", one.mode === "shadow" ? `(${one.mode}) ` : ""))) : ""],
    [t("detail.infections"), list(decision.infections, (one) => el("div", {}, badge("category", "virus"), ` ${one.name} `, el("code", {}, one.path)))],
    [t("detail.unscannable"), list(decision.unscannable, (one) => el("div", {}, `${one.reason} `, el("code", {}, one.path)))],
    [t("detail.defects"), list(decision.defects, (one) => el("div", {}, el(`span.badge.${one.grade}`, {}, one.grade), ` ${one.id} `, el("code", {}, one.part)))],
    [t("detail.verdicts"), list(decision.recipients, (one) => el("div", {}, badge("action", one.action), ` ${one.rcpt} `, el("small", {}, one.clause)))],
    [t("detail.generation"), decision.generation ? el("code", {}, Object.values(decision.generation).filter(Boolean).map((v) => String(v).slice(0, 12)).join(" · ")) : ""],
  ]));
}

function parts(decision) {
  if (!decision.parts || decision.parts.length === 0) return null;
  return el("section.card", {}, el("h2", {}, t("detail.parts")), el("ul.tree", {}, decision.parts.map((part, index) => {
    const depth = Math.min((part.path.match(/\//g) ?? []).length, 4);
    return el("li", {}, el(`span.path.d${depth}`, {}, part.path || `#${index + 1}`), el("span.badge", {}, part.type), el("small", {}, size(part.size)), part.read !== "yes" && part.read !== "no" ? el("span.badge.unscannable", {}, part.read) : null);
  })));
}

async function decide(held, decision, again) {
  const infected = (held.decision?.infections ?? []).length > 0;
  const inputs = [reasonInput()];
  if (decision === "approve" && infected) inputs.push(el("label.check", {}, el("input", { type: "checkbox", name: "override", value: "1" }), el("span", {}, t("act.override"))));
  const values = await ask(t(`act.${decision}`), null, inputs, t(`act.${decision}`), decision === "deny");
  if (values === null) return;
  try {
    await api("POST", `held/${held.id}/decide`, { decision, reason: values.reason, override_infection: values.override === "1" });
    again();
  } catch (error) {
    noteError(error);
  }
}

function requests(held, again) {
  if (held.requests.length === 0) return null;
  return el("section.card", { id: "requests" }, el("h2", {}, t("detail.requests")), held.requests.map((one) => el("div", {}, badge("request", one.state), ` ${one.by}: ${one.reason}`, el("div.sub", {}, one.recipients.join(", ")), one.decided_by ? el("div.sub", {}, `${one.decided_by}: ${one.decision_reason}`) : one.wants_countersign ? el("div.sub", {}, el(one.overdue ? "span.badge.refused" : "span.badge.held", {}, t(one.overdue ? "countersign.overdue" : "countersign.due", { when: when(one.countersign_by) }))) : el("div.sub", {}, t("request.until", { when: when(one.expires_at) })),
    one.wants_countersign && held.may_approve && one.by !== state.me.account ? el("div.row", {}, countersign(held.id, again)) : null,
    one.state === "pending" && !one.expired && held.may_approve ? el("div.row", {}, el("button.primary", { type: "button", "data-act": "approve", onclick: () => decide(held, "approve", again) }, t("act.approve")), el("button.danger", { type: "button", "data-act": "deny", onclick: () => decide(held, "deny", again) }, t("act.deny"))) : null)));
}

function history(held) {
  return el("section.card", {}, el("h2", {}, t("detail.history")), el("ul.time", {}, held.history.map((one) => el("li", {}, el("b", {}, t(`kind.${one.kind}`)), one.details?.outcome ? [" ", badge("outcome", one.details.outcome)] : null, one.details?.urgent ? [" ", el("span.badge.held", {}, t("countersign.urgent"))] : null, one.details?.countersigned ? [" ", el("span.badge.released", {}, t("countersign.done"))] : null, el("small", {}, `${when(one.at)} · ${one.actor}`), one.reason ? el("small", {}, one.reason) : null))));
}

export { facts };
