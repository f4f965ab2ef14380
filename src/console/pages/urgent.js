// Mail that cannot wait: released by one person, countersigned by another.
import { api, ask, el, note, noteError, reasonInput, t, when } from "./base.js";

export function urgent(held, chosen, again) {
  return el("button.danger", { type: "button", "data-act": "urgent", onclick: async () => {
    const recipients = chosen();
    const values = await ask(t("act.urgent"), t("act.urgent.text"), [reasonInput()], t("act.urgent"), true);
    if (values === null) return;
    try {
      const done = await api("POST", `held/${held.id}/urgent`, { reason: values.reason, recipients });
      if (done.outcome === "released") note(t("act.done", { n: 1 }));
      else note(`${t("act.failed", { n: 1 })} ${done.id}: ${done.message}`, "bad");
      again();
    } catch (error) {
      noteError(error);
    }
  } }, t("act.urgent"));
}

export function countersign(id, again) {
  return el("button.primary", { type: "button", "data-act": "countersign", onclick: async () => {
    const values = await ask(t("act.countersign"), t("act.countersign.text"), [reasonInput()], t("act.countersign"));
    if (values === null) return;
    try {
      await api("POST", `held/${id}/countersign`, { reason: values.reason });
      note(t("act.done", { n: 1 }));
      again();
    } catch (error) {
      noteError(error);
    }
  } }, t("act.countersign"));
}

// The urgent releases that nobody has signed yet; nothing where there are none.
export async function unsigned(place) {
  try {
    const { rows } = await api("GET", "countersignatures");
    if (rows.length === 0) {
      place.replaceChildren();
      return;
    }
    place.replaceChildren(el("section.card", { id: "unsigned" }, el("h2", {}, t("countersign.title", { n: rows.length })),
      el("ul.who-gets", {}, rows.map((one) => el("li", { "data-id": one.id },
        el("a", { href: `#/held/${one.id}` }, one.subject || one.id), ` ${one.sender || "<>"} → ${one.recipients.join(", ")} `,
        el(one.overdue ? "span.badge.refused" : "span.badge.held", {}, t(one.overdue ? "countersign.overdue" : "countersign.due", { when: when(one.countersign_by) })),
        el("div.sub", {}, `${one.by}, ${when(one.at)}: ${one.reason}`),
        one.may_countersign ? el("div.row", {}, countersign(one.id, () => unsigned(place))) : null)))));
  } catch (error) {
    noteError(error);
  }
}
