(() => {
  "use strict";
  const localTime = (time) => {
    const at = new Date(time.dateTime);
    const offset = /([+-])(\d\d):(\d\d)$/.exec(time.dateTime);
    const theirs = -at.getTimezoneOffset();
    if (!offset || theirs === Number(`${offset[1]}1`) * (Number(offset[2]) * 60 + Number(offset[3]))) return;
    const sameDay = time.dateTime.slice(8, 10) === String(at.getDate()).padStart(2, "0");
    const form = { hour: "2-digit", minute: "2-digit", hourCycle: "h23", ...(sameDay ? {} : { weekday: "long" }) };
    const local = at.toLocaleString(document.documentElement.lang, form);
    const asInFrench = (_, hour, minute) => `${hour}\u00a0h${minute === "00" ? "" : `\u00a0${minute}`}`;
    return time.textContent.includes(":") ? local : local.replace(/0?(\d+):(\d\d)/, asInFrench);
  };
  // In "entre 18 h et 19 h (heure de Paris)", both local times follow the second time.
  const beginsRange = (time) => time.nextElementSibling?.matches("time") && /^\s[^(.]+$/.test(time.nextSibling.data);
  const addYourTime = (time) => {
    let said = localTime(time);
    if (!said || beginsRange(time)) return;
    const before = time.previousElementSibling;
    if (before?.matches("time") && beginsRange(before)) said = localTime(before) + before.nextSibling.data + said;
    const zone = /^\s*\([^)]*\)/.exec(time.nextSibling?.data ?? "");
    if (zone) time.nextSibling.splitText(zone[0].length);
    (zone ? time.nextSibling : time).after(span("yours", `, ${said} ${document.body.dataset.yourTime}`));
  };
  const breakAfterSign = (whole) => {
    const shown = whole.querySelector("strong, a") ?? whole;
    const halves = shown.textContent.match(/^([^@]+@)([^@]{3,})$/);
    if (halves) shown.replaceChildren(span("whole", halves[1]), span("whole", halves[2]));
  };
  const span = (className, textContent) => Object.assign(document.createElement("span"), { className, textContent });
  const seen = new WeakSet();
  const improve = () => {
    for (const each of document.querySelectorAll("time, .whole")) {
      if (seen.has(each) || (document.readyState === "loading" && !each.closest("p, li, h1, h2")?.nextSibling)) continue;
      seen.add(each);
      (each.matches("time") ? addYourTime : breakAfterSign)(each);
    }
  };
  new MutationObserver(improve).observe(document, { childList: true, subtree: true });
  document.addEventListener("readystatechange", improve);
})();
