// Makes the pages more comfortable. They also work without this script. All rules and sentences come from the page.
(() => {
  "use strict";

  // Counts the characters of a class, such as digits. Like the server, it counts code points in the form NFC. The server
  // checks the password again.
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

  // One button shows or hides all passwords of a form. The passwords are hidden again before the form is sent, so that
  // browsers do not remember them as ordinary text.
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

  // Prevents a second click from sending the form twice. After ten seconds the network has probably failed, so the form
  // can be sent again. A form can also be sent again on a page that the browser shows again from its history.
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

  // A page that waits for a message fetches itself again, updates its live parts, and opens the next step once there is
  // one. A hidden page fetches itself as soon as it is visible again. Failed fetches are retried. The pause grows up to
  // one minute.
  const [SLOWER, LAST_LOOK_MS] = [1.25, 60000];
  const wordsOf = (live) => {
    const copy = live.cloneNode(true);
    copy.querySelectorAll(".yours").forEach((own) => own.remove());
    return copy.textContent;
  };
  const stepOf = (page) => page.querySelector("meta[name=step]")?.content;

  const lookAgain = async () => {
    const response = await fetch(location.href, { cache: "no-store" });
    if (!response.ok) return true;
    const now = new DOMParser().parseFromString(await response.text(), "text/html");
    if (stepOf(now) !== stepOf(document)) {
      location.assign(response.url);
      return false;
    }
    const [shown, fresh] = [document, now].map((page) => page.querySelectorAll("[data-live]"));
    shown.forEach((part, place) => {
      if (part.contains(document.activeElement) || wordsOf(fresh[place]) === wordsOf(part)) return;
      part.replaceChildren(...fresh[place].children);
      part.querySelectorAll("form").forEach(sendOnce);
    });
    return now.body.hasAttribute("data-refresh-seconds");
  };

  const hiddenOrShown = () =>
    new Promise((resolve) => document.addEventListener("visibilitychange", resolve, { once: true }));
  const keepLooking = async (pause) => {
    await Promise.race([new Promise((resolve) => setTimeout(resolve, pause)), hiddenOrShown()]);
    if (document.hidden) await hiddenOrShown();
    if (await lookAgain().catch(() => true)) keepLooking(Math.min(pause * SLOWER, LAST_LOOK_MS));
  };

  if (document.body.dataset.refreshSeconds) keepLooking(Number(document.body.dataset.refreshSeconds) * 1000);
  document.querySelectorAll("[data-criteria-of]").forEach(tickWhileTyping);
  document.querySelectorAll("form").forEach(offerReveal);
  document.querySelectorAll("form").forEach(sendOnce);
  // The question above the first form leads to advice below it, which opens at once.
  for (const link of document.querySelectorAll(".question a"))
    link.addEventListener("click", () => document.querySelector(link.hash).setAttribute("open", ""));
  const summary = document.querySelector("[data-summary]");
  if (summary) summary.focus();
})();
