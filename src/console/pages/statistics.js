// Figures and charts: plain SVG, made here.
import { api, day, el, fill, nothing, number, rule, svg, t } from "./base.js";

const actions = [["accept", 1], ["tag", 4], ["quarantine", 2], ["reject", 3], ["defer", 5]];
const spans = ["1", "7", "30", "365"];

function bars(series, width = 1180, height = 250) {
  const left = 46;
  const bottom = 24;
  const most = Math.max(1, ...series.map((one) => Object.values(one.actions).reduce((a, b) => a + b, 0)));
  const chart = svg("svg", { viewBox: `0 0 ${width} ${height}`, class: "chart", role: "img", "aria-label": t("stat.volume") });
  for (const share of [0, 0.5, 1]) {
    const y = 8 + (height - bottom - 8) * (1 - share);
    chart.append(svg("line", { x1: left, x2: width, y1: y, y2: y, class: "axis" }), svg("text", { x: left - 6, y: y + 4, "text-anchor": "end" }, number(Math.round(most * share))));
  }
  const step = (width - left) / series.length;
  series.forEach((one, index) => {
    let y = height - bottom;
    const group = svg("g");
    for (const [name, colour] of actions) {
      const tall = ((one.actions[name] ?? 0) / most) * (height - bottom - 8);
      if (tall > 0) {
        y -= tall;
        group.append(svg("rect", { x: left + index * step + step * 0.12, y, width: Math.max(step * 0.76, 0.5), height: tall, class: `f${colour}` }));
      }
    }
    group.append(svg("title", {}, `${one.label}: ${actions.filter(([name]) => one.actions[name]).map(([name]) => `${t(`action.${name}`)} ${number(one.actions[name])}`).join(", ")}`));
    chart.append(group);
    if (index % Math.ceil(series.length / 8) === 0) chart.append(svg("text", { x: left + index * step + step / 2, y: height - 6, "text-anchor": "middle" }, one.label));
  });
  return chart;
}

function rows(pairs, label) {
  const most = Math.max(1, ...pairs.map(([, n]) => n));
  return el("table", {}, el("tbody", {}, pairs.map(([name, n], index) => {
    const bar = svg("svg", { viewBox: "0 0 100 12", width: "100%", height: "12", preserveAspectRatio: "none", "aria-hidden": "true" }, svg("rect", { width: Math.max((n / most) * 100, 0.5), height: 12, rx: 2, class: "f1" }));
    return el("tr", { "data-row": index }, el("td", {}, label(name)), el("td", {}, bar), el("td.num", {}, number(n)));
  })));
}

// Sums of hours into at most 60 bars.
function folded(hours, since, until, days) {
  const begin = new Date(since).getTime();
  const count = days === 1 ? 24 : days === 7 ? 28 : days === 30 ? 30 : 52;
  const width = (new Date(until).getTime() - begin) / count;
  const out = Array.from({ length: count }, (_, index) => ({ label: day(begin + index * width, days === 1 ? { hour: "2-digit", minute: "2-digit" } : { day: "2-digit", month: "2-digit" }), actions: {} }));
  for (const hour of hours) {
    const at = Math.min(Math.max(Math.floor((new Date(hour.at).getTime() + 1800000 - begin) / width), 0), count - 1);
    for (const [name, n] of Object.entries(hour.actions)) out[at].actions[name] = (out[at].actions[name] ?? 0) + n;
  }
  return out;
}

function within(latency, share) {
  const total = Object.values(latency).reduce((a, b) => a + b, 0);
  let sum = 0;
  for (const edge of Object.keys(latency).sort((a, b) => (a === "inf" ? 1 : b === "inf" ? -1 : a - b))) {
    sum += latency[edge];
    if (sum >= total * share) return edge === "inf" ? "> 20 s" : `${number(Number(edge))} ms`;
  }
  return "–";
}

export function statistics(place, values) {
  const days = spans.includes(values.days) ? Number(values.days) : 7;
  const box = el("div");
  place.append(el("div.title", {}, el("h1", {}, t("stat.title")), el("div.row", {}, spans.map((one) => el("a.button", { href: `#/statistics?days=${one}`, "aria-current": Number(one) === days ? "true" : null }, t(`span.${one}`))))), box);
  fill(box, async () => {
    const s = await api("GET", `statistics?since=${days}d`);
    const total = Object.values(s.actions).reduce((a, b) => a + b, 0);
    if (total === 0) return el("div.card", {}, nothing(t("stat.empty"), t("stat.empty.more")));
    const tile = (text, value) => el("div.tile", {}, el("b", {}, value), el("span", {}, text));
    const edges = Object.entries(s.latency).sort(([a], [b]) => (a === "inf" ? 1 : b === "inf" ? -1 : a - b));
    return [
      el("div.tiles", {}, tile(t("stat.messages"), number(total)), tile(t("stat.held"), number(s.actions.quarantine ?? 0)), tile(t("stat.rejected"), number(s.actions.reject ?? 0)), tile(t("stat.p95"), within(s.latency, 0.95)), tile(t("stat.wrongly"), number(s.wrongly))),
      el("section.card", {}, el("h2", {}, t("stat.volume")), bars(folded(s.hours, s.since, s.until, days)),
        el("div.legend", {}, actions.map(([name, colour]) => el("span", {}, svg("svg", { viewBox: "0 0 10 10" }, svg("rect", { width: 10, height: 10, rx: 2, class: `f${colour}` })), t(`action.${name}`))))),
      el("div.two", {},
        el("section.card", {}, el("h2", {}, t("stat.top")), s.rules.length > 0 ? rows(s.rules.map((one) => [one.rule, one.count]), rule) : t("none")),
        el("div", {},
          el("section.card", {}, el("h2", {}, t("stat.categories")), Object.keys(s.categories).length > 0 ? rows(Object.entries(s.categories).sort((a, b) => b[1] - a[1]), (name) => t(`category.${name}`)) : t("none")),
          el("section.card", {}, el("h2", {}, t("stat.latency")), edges.length > 0 ? rows(edges, (edge) => (edge === "inf" ? "> 20 000" : `≤ ${edge}`)) : t("none")))),
    ];
  });
}
