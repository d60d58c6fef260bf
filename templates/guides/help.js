// Adds the search to the help. Everything else also works without this script.
(() => {
  "use strict";

  const form = document.querySelector("form.search");
  const input = form.querySelector("input");
  const question = new URLSearchParams(location.search).get(input.name);

  // The search is larger than a page. It is loaded only when the reader begins to search, and on the page of results.
  const load = () => {
    for (const address of [form.dataset.index, form.dataset.script]) {
      const script = document.createElement("script");
      script.src = address;
      script.async = false; // the index must come first
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

  // An older address names an error message on the list of all messages: open the page of its step.
  const message = document.getElementById(location.hash.slice(1));
  if (message?.matches(".messages a")) location.replace(message.href);

  // Let the link to the other language lead to the same section.
  const updateLinks = () => {
    for (const link of document.querySelectorAll("[data-other-language]")) link.hash = location.hash;
  };
  addEventListener("hashchange", updateLinks);
  updateLinks();
})();
