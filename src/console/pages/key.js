// A reviewer's own key: its file is chosen here, sent with its passphrase, and kept by the session only.
import { api, el, field, noteError, state, t } from "./base.js";

const kMostBytes = 8192;

export function keyForm(done) {
  const file = el("input", { type: "file", name: "file", required: true });
  const passphrase = el("input", { type: "password", name: "passphrase", autocomplete: "off", maxlength: 500 });
  const go = el("button.primary", { type: "submit" }, t("key.unlock"));
  const form = el("form.stack", { id: "unlock" }, el("p", {}, t("key.how")), field(t("key.file"), file), field(t("key.passphrase"), passphrase), go);
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    go.disabled = true;
    try {
      const chosen = file.files[0];
      const text = chosen !== undefined && chosen.size <= kMostBytes ? await chosen.text() : "";
      state.me = await api("POST", "session/key", { file: text, passphrase: passphrase.value });
      done();
    } catch (error) {
      noteError(error);
    }
    passphrase.value = "";
    go.disabled = false;
  });
  return form;
}

export function keyCard(again) {
  const lock = async () => {
    try {
      state.me = await api("DELETE", "session/key");
      again();
    } catch (error) {
      noteError(error);
    }
  };
  return el("section.card", { id: "my-key" }, el("h2", {}, t("key.title")),
    state.me.key ? [el("p", {}, t("key.unlocked", { name: state.me.key })), el("button", { type: "button", id: "lock", onclick: lock }, t("key.lock"))]
      : [el("p", {}, t("key.locked")), keyForm(again)]);
}
