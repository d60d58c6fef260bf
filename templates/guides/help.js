// Improves the help. Without this script only the search is missing.
(() => {
  "use strict";

  const form = document.querySelector("form.search");
  const input = form.querySelector("input");
  const question = new URLSearchParams(location.search).get(input.name);

  // The search is larger than a page, so it is loaded only when the reader begins to search and on the page of results.
  const load = () => {
    for (const address of [form.dataset.index, form.dataset.script]) {
      const script = document.createElement("script");
      script.src = address;
      script.async = false; // in this order
      document.head.append(script);
    }
  };
  if (question) input.value = question;
  form.hidden = false;
  if (question && document.querySelector("#results")) load();
  else input.addEventListener("focus", load, { once: true });

  // Print the light pictures even if the reader prefers dark colours.
  addEventListener("beforeprint", () => {
    for (const source of document.querySelectorAll("source[media*=dark]")) source.remove();
  });

  // Link to the same section in the other language.
  const follow = () => {
    for (const link of document.querySelectorAll("[data-tongue]")) link.hash = location.hash;
  };
  addEventListener("hashchange", follow);
  follow();
})();
