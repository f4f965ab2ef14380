// Rules and generations, the audit trail, who may do what, one's own settings.
import { api, ask, badge, choice, el, field, fill, has, note, noteError, nothing, reasonInput, rule, state, t, when } from "./base.js";
import { facts } from "./held.js";
import { keyCard } from "./key.js";

const grid = (names, rows, id) => el("div.scroll", {}, el("table", { id }, el("thead", {}, el("tr", {}, names.map((name) => el("th", { scope: "col" }, t(`col.${name}`))))), el("tbody", {}, rows)));

export function rules(place) {
  const search = el("input", { type: "search", "aria-label": t("rules.filter"), placeholder: t("rules.filter") });
  const generation = el("div");
  const passing = el("div");
  const box = el("div");
  place.append(el("div.title", {}, el("h1", {}, t("rules.title")), el("span.count", { id: "count" })), generation, passing, el("div.card", {}, search), box);
  exceptions(passing);
  fill(generation, async () => {
    const { status } = await api("GET", "generations");
    const g = status.generation ?? {};
    return el("section.card", {}, el("h2", {}, t("rules.generation")), facts([
      [t("gen.rules"), el("code", {}, String(g.rules ?? ""))], [t("gen.policy"), el("code", {}, String(g.policy ?? ""))], [t("gen.antivirus"), el("code", {}, String(g.antivirus ?? "") || t("none"))],
    ]));
  });
  fill(box, async () => {
    const all = (await api("GET", "rules")).rules;
    const list = el("div");
    const show = () => {
      const wanted = search.value.toLowerCase();
      const fit = all.filter((one) => `${one.id} ${one.title.vi} ${one.title.en} ${one.pack}`.toLowerCase().includes(wanted));
      place.querySelector("#count").textContent = String(fit.length);
      list.replaceChildren(fit.length === 0 ? el("div.card", {}, nothing(t("rules.empty"), t("rules.empty.more"))) : el("div.card", {}, grid(["rules", "title", "mode", "severity", "score", "pack"], fit.slice(0, 500).map((one) => el("tr", {}, el("td", {}, el("span.rule", {}, one.id)), el("td", {}, one.title[state.language] || one.title.en || one.title.vi), el("td", {}, el("span.badge", {}, one.mode)), el("td", {}, one.severity), el("td.num", {}, String(one.score)), el("td", {}, one.pack))), "rules")));
    };
    search.addEventListener("input", show);
    show();
    return list;
  });
}

function exceptions(place) {
  const remove = async (one) => {
    const values = await ask(t("exception.remove"), `${one.id} ${one.reason}`, [reasonInput()], t("exception.remove"), true);
    if (values === null) return;
    try {
      await api("DELETE", `exceptions/${one.id}`, { reason: values.reason });
      exceptions(place);
    } catch (error) {
      noteError(error);
    }
  };
  fill(place, async () => {
    const all = (await api("GET", "exceptions")).exceptions;
    return el("section.card", {}, el("h2", {}, t("exception.title")), all.length === 0 ? el("p", {}, t("exception.empty")) : grid(["fits", "rules", "until", "owner", "reason"], all.map((one) => el("tr", { "data-id": one.id },
      el("td", {}, one.sender || (one.sha256 ? "" : t("exception.anybody")), one.sha256 ? el("code", {}, one.sha256.slice(0, 12)) : null),
      el("td", {}, one.rules.map(rule)), el("td.when", {}, when(one.expires), one.expired ? el("span.badge", {}, t("exception.expired")) : null),
      el("td", {}, one.owner), el("td", {}, one.reason, has("approve-rule") ? el("button.plain", { type: "button", onclick: () => remove(one) }, t("exception.remove")) : null))), "exceptions"));
  });
}

export function audit(place, values) {
  const kinds = Object.keys(state.words).filter((key) => key.startsWith("kind.")).map((key) => key.slice(5));
  const form = el("form.card.filters", {},
    field(t("col.kind"), choice("kind", [["", t("all")], ...kinds.map((kind) => [kind, t(`kind.${kind}`)])], values.kind ?? "")),
    field(t("col.actor"), el("input", { name: "actor", value: values.actor ?? "" })),
    field(t("col.entry"), el("input", { name: "held_id", value: values.held_id ?? "" })),
    el("div.row", {}, el("button.primary", { type: "submit" }, t("search"))));
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    location.hash = `#/audit?${new URLSearchParams([...new FormData(form)].filter(([, value]) => value !== ""))}`;
  });
  const box = el("div");
  place.append(el("div.title", {}, el("h1", {}, t("audit.title"))), form, box);
  fill(box, async () => {
    const page = await api("GET", `audit?${new URLSearchParams(values)}`);
    if (page.rows.length === 0) return el("div.card", {}, nothing(t("audit.empty"), t("audit.empty.more")));
    return el("div.card", {}, page.more ? el("p", {}, t("audit.more")) : null, grid(["when", "actor", "kind", "entry", "reason", "address"], page.rows.map((one) => el("tr", {},
      el("td.when", {}, when(one.at, false)), el("td", {}, one.actor, one.on_behalf ? el("div.sub", {}, t("deputy", { who: one.on_behalf })) : null),
      el("td", {}, t(`kind.${one.kind}`), one.details?.outcome ? [" ", badge("outcome", one.details.outcome)] : null, one.details?.recipients ? el("div.sub", {}, one.details.recipients) : null, one.kind === "block" || one.kind === "outage" ? el("div.sub", {}, [one.details?.what, one.details?.block ?? one.details?.outage, one.details?.from ?? one.details?.auth_user ?? one.details?.sha256?.slice(0, 16)].filter(Boolean).join(" ")) : null),
      el("td", {}, one.held_id ? el("code", {}, one.held_id) : ""), el("td", {}, one.reason ?? ""), el("td", {}, one.client_ip ?? ""))), "audit"));
  });
}

export function access(place) {
  const box = el("div");
  place.append(el("div.title", {}, el("h1", {}, t("access.title"))), el("p", {}, t("access.how")), box);
  fill(box, async () => {
    const { accounts, units } = await api("GET", "access");
    if (accounts.length === 0) return el("div.card", {}, nothing(t("access.empty"), t("access.empty.more")));
    return [
      el("div.card", {}, grid(["account", "roles", "categories", "units", "deputies", "second"], accounts.map((one) => el("tr", {},
        el("td", {}, el("b", {}, one.name)), el("td", {}, one.roles.map((role) => el("div", {}, t(`role.${role}`)))),
        el("td", {}, one.categories.length > 0 ? one.categories.map((c) => t(`category.${c}`)).join(", ") : t("all")), el("td", {}, one.units.length > 0 ? one.units.join(", ") : t("all")),
        el("td", {}, one.deputies.map((d) => el("div", {}, `${d.of} (${when(d.from)} – ${when(d.until)})`))), el("td", {}, one.second_factor ? t("yes") : t("no")))), "access")),
      Object.keys(units).length > 0 ? el("section.card", {}, el("h2", {}, t("col.units")), facts(Object.entries(units).map(([name, list]) => [name, list.join(", ")]))) : null,
    ];
  });
}

export function settings(place, show) {
  const zones = Intl.supportedValuesOf("timeZone").filter((zone) => zone !== "UTC");
  const form = el("form.card.stack", { id: "settings" },
    field(t("settings.language"), choice("language", [["vi", t("lang.vi")], ["en", t("lang.en")]], state.me.language)),
    field(t("settings.theme"), choice("theme", ["auto", "light", "dark"].map((one) => [one, t(`theme.${one}`)]), state.me.theme)),
    field(t("settings.zone"), choice("zone", [...new Set([state.me.zone, "UTC", ...zones])].map((zone) => [zone, zone]), state.me.zone)),
    el("button.primary", { type: "submit" }, t("save")));
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    try {
      state.me = await api("PUT", "session", Object.fromEntries(new FormData(form)));
      show();
      note(t("saved"));
    } catch (error) {
      noteError(error);
    }
  });
  const password = el("form.card.stack", { id: "password" }, el("h2", {}, t("settings.password")),
    field(t("settings.old"), el("input", { name: "password", type: "password", required: true, autocomplete: "current-password" })),
    field(t("settings.new"), el("input", { name: "new_password", type: "password", required: true, minlength: 12, autocomplete: "new-password" })),
    el("button", { type: "submit" }, t("settings.password")));
  password.addEventListener("submit", async (event) => {
    event.preventDefault();
    try {
      await api("PUT", "session", Object.fromEntries(new FormData(password)));
      location.reload();
    } catch (error) {
      noteError(error);
    }
  });
  place.append(el("div.title", {}, el("h1", {}, t("settings.title"))), el("div.two", {}, form, el("div", {}, password, keyCard(show),
    el("section.card", {}, el("h2", {}, t("settings.rights")), facts([
      [t("col.roles"), state.me.roles.map((role) => t(`role.${role}`)).join(", ") || t("none")],
      [t("col.categories"), state.me.categories.map((c) => t(`category.${c}`)).join(", ") || t("all")],
      [t("col.units"), state.me.units.join(", ") || t("all")], [t("col.second"), state.me.second_factor ? t("yes") : t("no")],
    ])))));
}

