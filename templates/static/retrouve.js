// Improves pages that work without it. Rules and words come from the page: nothing is decided or worded here.
(() => {
  "use strict";

  // Agrees with core.answers.count: NFC code points of a class. The server has the last word.
  const classes = {
    any: [/[^]/u, /[^]/u],
    digit: [/[0-9]/, /[0-9]/],
    lower: [/[a-z]/, /\p{Ll}/u],
    upper: [/[A-Z]/, /\p{Lu}/u],
  };

  const count = (typed, rule) => {
    const wanted = classes[rule.counts][rule.unicode === "true" ? 1 : 0];
    return [...typed.normalize("NFC")].filter((character) => wanted.test(character)).length;
  };

  const met = (typed, rule) => {
    const counted = count(typed, rule);
    return counted >= Number(rule.minimum) && (rule.maximum === undefined || counted <= Number(rule.maximum));
  };

  const tickWhileTyping = (list) => {
    const input = document.getElementById(list.dataset.criteriaOf);
    const tick = () => {
      for (const item of list.children) {
        const now = String(met(input.value, item.dataset));
        if (item.dataset.ticked !== now) {
          item.dataset.ticked = now;
          item.querySelector("[data-state]").textContent = now === "true" ? list.dataset.met : list.dataset.unmet;
        }
      }
    };
    input.addEventListener("input", tick);
    tick();
  };

  // One button shows or hides every secret of a form; secrets are hidden again before they are sent,
  // so that a browser does not remember them as ordinary text.
  const offerReveal = (form) => {
    const button = form.querySelector(".reveal");
    if (!button) return;
    const inputs = [...form.querySelectorAll("input[type=password]")];
    const words = { show: button.textContent, hide: button.dataset.hide };
    const show = (shown) => {
      for (const input of inputs) input.type = shown ? "text" : "password";
      button.textContent = shown ? words.hide : words.show;
    };
    button.addEventListener("click", () => show(inputs[0].type === "password"));
    form.addEventListener("submit", () => show(false));
    button.hidden = false;
  };

  // A second click while the first is on its way would ask twice. After ten seconds the network has probably
  // failed, and trying again is right; a page come back to from history is fresh.
  const sendOnce = (form) => {
    let sent = false;
    const freshen = () => {
      sent = false;
      form.removeAttribute("aria-busy");
    };
    form.addEventListener("submit", (event) => {
      if (sent) {
        event.preventDefault();
        return;
      }
      sent = true;
      form.setAttribute("aria-busy", "true");
      setTimeout(freshen, 10000);
    });
    window.addEventListener("pageshow", freshen);
  };

  // Rule 10: a voter overseas reads the election's clock and their own.
  const addYourTime = (time) => {
    const at = new Date(time.dateTime);
    const offset = /([+-])(\d\d):(\d\d)$/.exec(time.dateTime);
    const theirs = -at.getTimezoneOffset();
    if (!offset || theirs === Number(`${offset[1]}1`) * (Number(offset[2]) * 60 + Number(offset[3]))) return;
    const sameDay = time.dateTime.slice(8, 10) === String(at.getDate()).padStart(2, "0");
    const form = { hour: "2-digit", minute: "2-digit", hourCycle: "h23", ...(sameDay ? {} : { weekday: "long" }) };
    const said = at.toLocaleString(document.documentElement.lang, form);
    // After the words in brackets that name the election's clock, if they follow.
    const shown = time.parentNode.matches("strong") && !time.nextSibling ? time.parentNode : time;
    const zone = /^\s*\([^)]*\)/.exec(shown.nextSibling?.data ?? "");
    if (zone) shown.nextSibling.splitText(zone[0].length);
    (zone ? shown.nextSibling : shown).after(`, ${said} ${document.body.dataset.yourTime}`);
  };

  // Where something is on its way elsewhere, the page looks again by itself: it takes over what is said of it, and
  // goes along when the step is another. Not while nobody looks; a page that could not be fetched is asked for later.
  // Ever more slowly, up to once a minute: most of what happens happens soon.
  const [FIRST_LOOK_MS, SLOWER, LAST_LOOK_MS] = [4000, 1.25, 60000];
  let said = document.querySelector("[data-live]")?.textContent;
  const stepOf = (page) => page.querySelector("meta[name=step]")?.content;

  const lookAgain = async () => {
    if (document.hidden) return;
    const response = await fetch(location.href, { cache: "no-store" });
    if (!response.ok) return;
    const now = new DOMParser().parseFromString(await response.text(), "text/html");
    if (stepOf(now) !== stepOf(document)) {
      location.assign(response.url);
      return;
    }
    const [shown, fresh] = [document, now].map((page) => page.querySelector("[data-live]"));
    if (fresh.textContent !== said) {
      said = fresh.textContent;
      shown.replaceChildren(...fresh.children);
      shown.querySelectorAll("time").forEach(addYourTime);
      shown.querySelectorAll(".whole").forEach(breakAfterSign);
    }
  };

  const keepLooking = (pause) =>
    setTimeout(() => lookAgain().catch(() => {}).finally(() => keepLooking(Math.min(pause * SLOWER, LAST_LOOK_MS))), pause);

  // An address that is wider than the screen goes on after its @, not after a hyphen, which could be read as its end.
  // In the markup it is one text, by which pages are compared.
  const breakAfterSign = (whole) => {
    const shown = whole.querySelector("strong, a") ?? whole;
    const halves = shown.textContent.match(/^([^@]+@)([^@]{3,})$/);
    if (!halves) return;
    const half = (words) => Object.assign(document.createElement("span"), { className: "whole", textContent: words });
    shown.replaceChildren(half(halves[1]), half(halves[2]));
  };

  if (document.body.hasAttribute("data-moving")) keepLooking(FIRST_LOOK_MS);
  document.querySelectorAll("time").forEach(addYourTime);
  document.querySelectorAll(".whole").forEach(breakAfterSign);
  document.querySelectorAll("[data-criteria-of]").forEach(tickWhileTyping);
  document.querySelectorAll("form").forEach(offerReveal);
  document.querySelectorAll("form").forEach(sendOnce);
  const summary = document.querySelector("[data-summary]");
  if (summary) summary.focus();
})();
