// Signing in, the frame of the page, and which page stands in it.
import { api, ApiError, el, field, has, noteError, state, t } from "./base.js";
import { heldDetail, heldList } from "./held.js";
import { incidents } from "./incidents.js";
import { access, audit, rules, settings } from "./office.js";
import { statistics } from "./statistics.js";
import { track } from "./track.js";

const root = document.getElementById("app");
const pages = [
  ["held", "list", heldList],
  ["track", "track", track],
  ["incidents", "incidents", incidents],
  ["statistics", "statistics", statistics],
  ["rules", "rules", rules],
  ["audit", "audit", audit],
  ["access", "access", access],
];

function dress() {
  state.language = state.me?.language ?? sessionStorage.getItem("language") ?? "vi";
  document.documentElement.lang = state.language;
  document.documentElement.dataset.theme = state.me?.theme ?? "auto";
  document.getElementById("skip").textContent = t("skip");
}

function signIn(lead) {
  dress();
  document.title = `${t("sign-in.title")} · Gatepost`;
  const problem = el("div.alert", { role: "alert", hidden: true });
  const code = field(t("sign-in.code"), el("input", { name: "code", inputmode: "numeric", autocomplete: "one-time-code", maxlength: 6 }));
  code.hidden = true;
  const form = el("form.card.stack", {},
    el("img", { src: "/icon.svg", alt: "" }), el("h1", {}, "Gatepost"), el("p.lead", {}, lead ?? t("sign-in.lead")),
    field(t("sign-in.name"), el("input", { name: "name", autocomplete: "username", required: true, autofocus: true })),
    field(t("sign-in.password"), el("input", { name: "password", type: "password", autocomplete: "current-password", required: true })),
    code, problem,
    el("button.primary", { type: "submit" }, t("sign-in.go")),
    el("div.langs", {}, ["vi", "en"].map((language) => el("button.plain", {
      type: "button", lang: language, "aria-pressed": String(language === state.language),
      onclick: () => { sessionStorage.setItem("language", language); signIn(lead === undefined ? undefined : t("session.over")); },
    }, t(`lang.${language}`)))));
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const button = form.querySelector("button.primary");
    button.disabled = true;
    try {
      state.me = await api("POST", "session", Object.fromEntries(new FormData(form)));
      show();
    } catch (error) {
      button.disabled = false;
      problem.hidden = false;
      problem.textContent = error instanceof ApiError ? error.text : String(error);
      if (error.code === "code-needed") {
        code.hidden = false;
        code.querySelector("input").focus();
      }
    }
  });
  root.replaceChildren(el("div.gate", {}, form));
  form.querySelector("input").focus();
}

function frame(current) {
  const main = el("main", { id: "main", tabindex: -1 });
  const link = ([name]) => el("a", { href: `#/${name}`, "aria-current": name === current ? "page" : null }, t(`nav.${name}`));
  root.replaceChildren(
    el("header.top", {},
      el("a.brand", { href: "#/" }, el("img", { src: "/icon.svg", alt: "" }), "Gatepost"),
      el("nav.main", { "aria-label": "Gatepost" }, pages.filter(([, permission]) => has(permission)).map(link)),
      el("div.who", {},
        el("a", { href: "#/settings", title: t("settings.title"), id: "who" }, state.me.account),
        el("button.plain", { id: "sign-out", onclick: async () => {
          await api("DELETE", "session").catch(noteError);
          state.me = null;
          signIn(t("signed-out"));
        } }, t("sign-out")))),
    main);
  if (state.me.on_behalf_of.length > 0) {
    main.append(el("div.alert.warn", {}, t("deputy", { who: state.me.on_behalf_of.join(", ") })));
  }
  const place = el("div");
  main.append(place);
  return place;
}

export function show() {
  dress();
  if (state.me === null) {
    signIn();
    return;
  }
  const [path, query] = location.hash.replace(/^#\/?/, "").split("?");
  const [name, id] = path.split("/");
  const mine = pages.filter(([, permission]) => has(permission));
  const wanted = mine.find(([page]) => page === name) ?? mine[0];
  const values = Object.fromEntries(new URLSearchParams(query ?? ""));
  if (name === "settings" || wanted === undefined) {
    document.title = `${t("settings.title")} · Gatepost`;
    settings(frame("settings"), show);
    return;
  }
  document.title = `${t(`nav.${wanted[0]}`)} · Gatepost`;
  const place = frame(wanted[0]);
  if (wanted[0] === "held" && id) heldDetail(place, decodeURIComponent(id));
  else wanted[2](place, values, id === undefined ? undefined : decodeURIComponent(id));
}

document.addEventListener("signed-out", () => signIn(t("session.over")));
window.addEventListener("hashchange", show);

state.words = await (await fetch("/words.json")).json();
try {
  state.me = await api("GET", "session");
} catch (error) {
  // A proxy has signed this person in already: only the session is missing.
  state.me = error.code === "proxy-sign-in" ? await api("POST", "session", {}).catch(() => null) : null;
}
show();
